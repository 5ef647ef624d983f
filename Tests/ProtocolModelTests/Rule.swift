/// What the protocol rests on, each of which the model can be asked to do without. The numbers are those of the rules in
/// the protocol's description.
enum Rule: String, CaseIterable, Sendable {
    /// 1: a new owner waits for the transaction that the one before has in flight.
    case waitForTransaction
    /// 1: and ends one that does not end by itself.
    case endSilentTransaction
    /// 2: a consumer is named after its connection.
    case namePerConnection
    /// 3: all that is pending is taken over before anything new is read.
    case takeOver
    /// 4: with every read goes a look at what others have pending.
    case lookBeforeWrite
    /// 5: what has taken effect is not written again.
    case skipDone
    /// 6: the fence ends the transaction of whoever is no longer the owner.
    case fenceRaises
    /// 7: after a lost answer a new epoch is taken.
    case settleByEpoch
    /// 8: an entry is acknowledged after its commit.
    case acknowledgeAfterCommit
    /// 8: a dead letter is added where the entry was still pending.
    case addWherePending
    /// 8: a dead letter is recorded with its window's commit.
    case recordWithCommit
    /// 9: a forced entry that went first is remembered.
    case rememberAhead
    /// 10: IDs of a Redis that went back are raised above all that took effect.
    case raiseIDs
    /// 10: what comes under an ID that had taken effect is kept.
    case keepReused
    /// 11: what the database lost is written again from the stream.
    case writeAgain
    /// 11: a checkpoint for a group that is there starts before what is pending.
    case startBeforePending
    /// 12: a process of another mode does not touch the stream.
    case oneMode
    /// 13: a lease can be taken in a full Redis.
    case leaseWhenFull
    /// 13: the stream is trimmed by what all groups have read.
    case trimByAllGroups
    /// 11, 13: and by its owner, no further than the database has it.
    case trimWhatIsWritten
}
