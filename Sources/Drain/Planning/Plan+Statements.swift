package import Entries

extension Plan {
    /// The batches cut into statements, in order: a bulk batch into pieces of the table's chunk size, any other into
    /// its commands.
    ///
    /// - Parameter canCopy: whether creates of a signature, by its index, may be copied.
    package func statements(of window: Window, rules: DrainRules, canCopy: (Int) -> Bool) -> [Statement] {
        batches.flatMap { batch -> [Statement] in
            guard batch.road == .bulk else {
                return batch.commands.indices.map { index in
                    Statement(signature: batch.signature, commands: batch.commands[index...index], form: .single)
                }
            }
            let rule = rules.batchRule(for: window.signatures[batch.signature].table)
            let canCopy = rule.copySize > 0 && batch.commands.count >= rule.copySize && canCopy(batch.signature)
            return stride(from: 0, to: batch.commands.count, by: rule.chunkSize).map { start in
                let commands = batch.commands[start..<min(start + rule.chunkSize, batch.commands.count)]
                let isCopied = canCopy && commands.count >= rule.copySize
                return Statement(signature: batch.signature, commands: commands, form: isCopied ? .copy : .bulk)
            }
        }
    }
}
