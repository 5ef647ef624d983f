/// The Lua scripts by which processes share streams out: each is one step in Redis, by Redis' own clock.
enum FleetScripts {
    private static let now = """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        """

    /// `KEYS` members, leases, wanted, profiles; `ARGV` token, milliseconds that it counts as alive, its profile. Answers
    /// the tokens of all that are alive and until when in turn, then streams and holders in turn, then streams and who
    /// wants them in turn.
    static let beat = """
        \(now)
        for _, token in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
            redis.call('ZREM', KEYS[1], token)
            redis.call('HDEL', KEYS[4], token)
        end
        redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
        if redis.call('HGET', KEYS[4], ARGV[1]) ~= ARGV[3] then redis.call('HSET', KEYS[4], ARGV[1], ARGV[3]) end
        return {
            redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), redis.call('HGETALL', KEYS[2]),
            redis.call('HGETALL', KEYS[3])
        }
        """

    /// `KEYS` members, leases, wanted; `ARGV` token, streams. Takes those that nobody alive holds or wants, and answers
    /// which.
    static let take = """
        \(now)
        local function alive(token)
            local score = token and redis.call('ZSCORE', KEYS[1], token)
            return score and tonumber(score) > now
        end
        local taken = {}
        for i = 2, #ARGV do
            local holder = redis.call('HGET', KEYS[2], ARGV[i])
            local waiting = redis.call('HGET', KEYS[3], ARGV[i])
            local free = not alive(holder) or holder == ARGV[1]
            if free and (not alive(waiting) or waiting == ARGV[1]) then
                redis.call('HSET', KEYS[2], ARGV[i], ARGV[1])
                taken[#taken + 1] = ARGV[i]
            end
        end
        return taken
        """

    /// `KEYS` members, leases; `ARGV` token, stream. Whether another process that is alive holds the stream.
    static let isElsewhere = """
        \(now)
        local holder = redis.call('HGET', KEYS[2], ARGV[2])
        local score = holder and redis.call('ZSCORE', KEYS[1], holder)
        return score and holder ~= ARGV[1] and tonumber(score) > now and 1 or 0
        """

    /// `KEYS` members, leases, wanted; `ARGV` token, stream. Says that it waits for the stream before all others, unless
    /// another one does, and takes it once nobody alive holds it: 1 then.
    static let insist = """
        \(now)
        local function isOther(token)
            if not token or token == ARGV[1] then return false end
            local score = redis.call('ZSCORE', KEYS[1], token)
            return score and tonumber(score) > now
        end
        if isOther(redis.call('HGET', KEYS[3], ARGV[2])) then return 0 end
        redis.call('HSET', KEYS[3], ARGV[2], ARGV[1])
        if isOther(redis.call('HGET', KEYS[2], ARGV[2])) then return 0 end
        redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
        return 1
        """

    /// `KEYS` leases; `ARGV` token, streams. Gives up those that the token holds.
    static let release = """
        for i = 2, #ARGV do
            if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
        end
        return 1
        """

    /// `KEYS` members, leases, wanted, profiles; `ARGV` token. Leaves nothing of the process behind.
    static let leave = """
        for _, key in ipairs({KEYS[2], KEYS[3]}) do
            local all = redis.call('HGETALL', key)
            for i = 1, #all, 2 do
                if all[i + 1] == ARGV[1] then redis.call('HDEL', key, all[i]) end
            end
        end
        redis.call('ZREM', KEYS[1], ARGV[1])
        redis.call('HDEL', KEYS[4], ARGV[1])
        return 1
        """
}
