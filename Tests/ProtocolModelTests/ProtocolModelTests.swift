import Testing

/// The exactly-once protocol, searched through: two processes, few entries, everything that may befall them, in every
/// order. It is the protocol that is shown here; that the drainer follows it is shown with real servers.
@Suite struct ProtocolModelTests {
    @Test(arguments: Scenario.all)
    func nothingIsLostRepeatedOrLeftUndone(_ scenario: Scenario) {
        let outcome = Search(Model(scenario)).run()
        #expect(outcome.fault == nil, "\(outcome.fault.map(\.description) ?? "")")
        // A model that cannot move shows nothing.
        #expect(outcome.states > 20, "\(outcome.states) states")
    }

    @Test(arguments: Rule.allCases)
    func withoutAnyOneRuleSomethingIs(_ rule: Rule) {
        let (scenario, breach) = Self.need(of: rule)
        let outcome = Search(Model(scenario, without: rule)).run()
        #expect(outcome.fault?.breach == breach, "\(outcome.fault.map(\.description) ?? "no fault")")
    }

    /// Where a rule is missed, and how.
    private static func need(of rule: Rule) -> (Scenario, Search.Breach) {
        switch rule {
        case .waitForTransaction: (.deaths, .effectTwice)
        case .endSilentTransaction: (.standstill, .neverDone)
        case .namePerConnection: (.cuts, .neverDone)
        case .takeOver: (.deaths, .neverDone)
        case .lookBeforeWrite: (.overlap, .neverDone)
        case .skipDone: (.deaths, .effectTwice)
        case .fenceRaises: (.overlap, .effectTwice)
        case .settleByEpoch: (.deaths, .effectTwice)
        case .acknowledgeAfterCommit: (.redisBack, .neverDone)
        case .addWherePending: (.badEntries, .deadLetterTwice)
        case .recordWithCommit: (.badEntries, .neverDone)
        case .rememberAhead: (.ahead, .effectTwice)
        case .raiseIDs: (.redisBack, .deadLetterWithoutCause)
        case .keepReused: (.redisBack, .neverDone)
        case .writeAgain: (.databaseBack, .neverDone)
        case .startBeforePending: (.olderGroup, .effectTwice)
        case .oneMode: (.otherMode, .effectTwice)
        case .leaseWhenFull: (.full, .neverDone)
        case .trimByAllGroups: (.trimming, .trimmedUnread)
        case .trimWhatIsWritten: (.databaseBack, .neverDone)
        }
    }
}
