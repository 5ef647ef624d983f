import ArgumentParser

/// `bench schema`: the tables that a mix writes to.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the SQL of the tables of a mix.")

    @Option(help: "\(Mix.help)")
    var mix = Mix.atlas

    func run() {
        print(mix.schema)
    }
}
