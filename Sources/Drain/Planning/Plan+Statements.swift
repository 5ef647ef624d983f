package import Entries

extension Plan {
    /// The batches cut into statements, in order: a bulk batch into pieces of the table's chunk size, any other into
    /// its commands.
    package func statements(of window: Window, rules: DrainRules) -> [Statement] {
        batches.flatMap { batch -> [Statement] in
            guard batch.road == .bulk else {
                return batch.commands.indices.map { index in
                    Statement(signature: batch.signature, commands: batch.commands[index...index], form: .single)
                }
            }
            let size = rules.batchRule(for: window.signatures[batch.signature].table).chunkSize
            return stride(from: 0, to: batch.commands.count, by: size).map { start in
                let end = min(start + size, batch.commands.count)
                return Statement(signature: batch.signature, commands: batch.commands[start..<end], form: .bulk)
            }
        }
    }
}
