import Redis

/// The Lua scripts that Redis runs as one step.
enum StreamScripts {
    /// `KEYS` stream, dead-letter stream; `ARGV` group, ID, then the fields of the dead letter. Adds it only where the
    /// entry was still pending: of two processes that both set an entry aside one adds it. 1 where it was added.
    static let deadLetter = """
        local kind = redis.call('TYPE', KEYS[2])['ok']
        if kind ~= 'none' and kind ~= 'stream' then
            return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' is no stream: rename it, dead letters belong there')
        end
        if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
        local fields = {}
        for i = 3, #ARGV do fields[#fields + 1] = ARGV[i] end
        redis.call('XADD', KEYS[2], '*', unpack(fields))
        return 1
        """

    /// `KEYS` stream, leases; `ARGV` milliseconds that acknowledged entries stay, token of the stream's holder (empty
    /// where streams are shared), last ID that the database has (empty where it keeps no checkpoint). Removes what every
    /// group has acknowledged: what lies below each group's first pending ID, or, where nothing is pending, below the ID
    /// after its last delivered one; nothing that a database which went back has no more, and nothing for whoever is not
    /// the holder any longer. IDs are compared as text, since Lua's numbers are too short for them. Answers how many went.
    static let trim = """
        local function split(id) return string.match(id, '^(%d+)-(%d+)$') end
        local function below(a, b)
            if #a ~= #b then return #a < #b end
            return a < b
        end
        local function before(x, y)
            local xm, xs = split(x)
            local ym, ys = split(y)
            if xm ~= ym then return below(xm, ym) end
            return below(xs, ys)
        end
        local function following(id)
            local ms, seq = split(id)
            local number = tonumber(seq)
            if number >= 9007199254740991 then return id end
            return ms .. '-' .. string.format('%.0f', number + 1)
        end
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        if ARGV[2] ~= '' and redis.call('HGET', KEYS[2], KEYS[1]) ~= ARGV[2] then return 0 end
        local lowest
        local isRead = false
        if ARGV[3] ~= '' then lowest = following(ARGV[3]) end
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
            local facts = {}
            for i = 1, #group, 2 do facts[group[i]] = group[i + 1] end
            local pending = redis.call('XPENDING', KEYS[1], facts['name'])
            local keep = following(facts['last-delivered-id'])
            if pending[1] > 0 then keep = pending[2] end
            isRead = true
            if not lowest or before(keep, lowest) then lowest = keep end
        end
        if not isRead then return 0 end
        local retention = tonumber(ARGV[1])
        if retention > 0 then
            local now = redis.call('TIME')
            local ms = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) - retention
            if ms < 0 then return 0 end
            local oldest = string.format('%.0f', ms) .. '-0'
            if before(oldest, lowest) then lowest = oldest end
        end
        return redis.call('XTRIM', KEYS[1], 'MINID', '=', lowest)
        """

    /// `KEYS` stream; `ARGV` group, ID to start behind, then, where it is known, how many entries lie up to there. Makes
    /// the group, and the stream where there is none.
    static let makeGroup = """
        if ARGV[3] then
            return redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], ARGV[2], 'MKSTREAM', 'ENTRIESREAD', ARGV[3])
        end
        return redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], ARGV[2], 'MKSTREAM')
        """

    /// `KEYS` stream, mark; `ARGV` ID, 1 where the stream's own lies below, the mark's text. Lets no entry be added at or below
    /// the ID, and marks what may have been.
    static let raiseLastID = """
        redis.call('SET', KEYS[2], ARGV[3])
        if ARGV[2] == '1' then redis.call('XSETID', KEYS[1], ARGV[1]) end
        return 1
        """

    /// `KEYS` stream; `ARGV` first and last ID (the first excluded), how many at most. Answers the IDs that are there.
    static let identifiers = """
        local ids = {}
        for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], ARGV[2], 'COUNT', ARGV[3])) do
            ids[#ids + 1] = entry[1]
        end
        return ids
        """

    /// `KEYS` stream; `ARGV` group, its last delivered ID, entries read up to there. Corrects Redis' counter, unless the
    /// group has read on.
    static let correctCount = """
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
            local facts = {}
            for i = 1, #group, 2 do facts[group[i]] = group[i + 1] end
            if facts['name'] == ARGV[1] and facts['last-delivered-id'] == ARGV[2] then
                redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[2], 'ENTRIESREAD', ARGV[3])
                return 1
            end
        end
        return 0
        """

    /// `KEYS` stream, name of its Redis; `ARGV` a new name. Answers the name, a new one where there is none.
    static let source = """
        local name = redis.call('GET', KEYS[2])
        if name then return name end
        redis.call('SET', KEYS[2], ARGV[1])
        return ARGV[1]
        """

    /// `KEYS` stream; `ARGV` group, consumer, idle milliseconds, IDs. Claims pending entries, but for those whose body
    /// the stream has lost: their IDs are the answer, and they stay pending until somebody has told of them.
    static let claim = """
        local gone = {}
        local claim = {KEYS[1], ARGV[1], ARGV[2], ARGV[3]}
        for i = 4, #ARGV do
            if #redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i], 'COUNT', 1) == 0 then
                gone[#gone + 1] = ARGV[i]
            else
                claim[#claim + 1] = ARGV[i]
            end
        end
        if #claim > 4 then
            claim[#claim + 1] = 'JUSTID'
            redis.call('XCLAIM', unpack(claim))
        end
        return gone
        """

    /// As `deadLetter`, for an entry that may have been moved before: adds it where the dead-letter stream does not hold its
    /// ID, pending or not. A group that was made anew lower down delivers again what was moved.
    static let ensureDeadLetter = """
        local kind = redis.call('TYPE', KEYS[2])['ok']
        if kind ~= 'none' and kind ~= 'stream' then
            return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' is no stream: rename it, dead letters belong there')
        end
        local fields = {}
        for i = 3, #ARGV do fields[#fields + 1] = ARGV[i] end
        redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
        -- A dead letter is younger than its entry.
        local from = string.format('%.0f', math.max(0, tonumber(string.match(ARGV[2], '^%d+')) - 60000))
        while true do
            local page = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', 200)
            for _, letter in ipairs(page) do
                for i = 1, #letter[2], 2 do
                    if letter[2][i] == 'drainer-id' and letter[2][i + 1] == ARGV[2] then return 0 end
                end
            end
            if #page < 200 then break end
            from = '(' .. page[#page][1]
        end
        redis.call('XADD', KEYS[2], '*', unpack(fields))
        return 1
        """

    /// `KEYS` dead-letter stream; `ARGV` ID there, error, message, table, time. Adds the dead letter anew with what is said of
    /// it now, and removes the old one; 0 where that is gone.
    static let replaceDeadLetter = """
        local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
        if #found == 0 then return 0 end
        local own = {['drainer-id'] = 1, ['drainer-error'] = 1, ['drainer-message'] = 1, ['drainer-table'] = 1,
            ['drainer-at'] = 1}
        local fields = found[1][2]
        local id
        while #fields > 0 and own[fields[#fields - 1]] do
            own[fields[#fields - 1]] = nil
            if fields[#fields - 1] == 'drainer-id' then id = fields[#fields] end
            fields[#fields] = nil
            fields[#fields] = nil
        end
        if not id then return 0 end
        local names = {'drainer-error', 'drainer-message', 'drainer-table', 'drainer-at'}
        fields[#fields + 1] = 'drainer-id'
        fields[#fields + 1] = id
        for i, name in ipairs(names) do
            fields[#fields + 1] = name
            fields[#fields + 1] = ARGV[i + 1]
        end
        redis.call('XADD', KEYS[1], '*', unpack(fields))
        redis.call('XDEL', KEYS[1], ARGV[1])
        return 1
        """

    /// `KEYS` key; `ARGV` value. SET that a full Redis takes.
    static let set = "redis.call('SET', KEYS[1], ARGV[1]) return 1"

    /// `KEYS` stream; `ARGV` group, consumer. Deletes the consumer where nothing is pending for it: XGROUP DELCONSUMER
    /// drops what is.
    static let deleteConsumer = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
        return 1
        """

    /// An EVAL of `script`; from Redis 7 on also at maxmemory, where writing the entries out is the way to room.
    static func command(
        _ script: String,
        keys: [String],
        arguments: [String] = [],
        version: (major: Int, minor: Int)
    ) -> RedisCommand {
        let flags = version.major >= 7 ? "#!lua flags=allow-oom\n" : ""
        return RedisCommand(["EVAL", flags + script, String(keys.count)] + keys + arguments)
    }
}
