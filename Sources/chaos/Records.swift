import ArgumentParser
import Foundation
import TestSupport

/// What is kept of a round for whoever looks for the reason of a failure.
struct Records: ParsableArguments {
    @Option(help: "Where logs and the timeline of a failed round are kept.")
    var keep = FileManager.default.temporaryDirectory.path()

    @Flag(help: "Keep those of every round.")
    var keepAll = false

    @Flag(help: "The timeline on standard error while it happens.")
    var loud = false

    func keep(_ verdict: Verdict, of round: String, _ stage: Stage, _ slots: [Slot]) throws {
        let folder = "\(keep)/chaos-\(round.replacing(" ", with: "-"))"
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        try write(stage.timeline.text, "timeline")
        try write(stage.redis.log, "redis")
        try write(stage.postgres.log, "postgres")
        try write(verdict.words.joined(separator: "\n") + "\n", "findings")
        for slot in slots {
            for drainer in slot.drainers { try write(drainer.errors, "slot-\(slot.number)-process-\(drainer.pid)") }
        }
        FileHandle.standardError.write(Data("chaos: the logs of \(round) are in \(folder)\n".utf8))
    }
}
