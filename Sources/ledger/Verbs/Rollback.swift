import ArgumentParser
import LedgerCore
import LedgerOperations

struct Rollback: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "How changes can be undone.",
        discussion: """
              ledger rollback set --service orders --change V42__add_index \\
                --strategy forward_fix
            """,
        subcommands: [RollbackSet.self])
}

struct RollbackSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Record the rollback plan of a change.",
        discussion: """
              ledger rollback set --service orders --change V42__add_index \\
                --strategy reversible --script U42__add_index.sql --tested-in stage
            """)

    @OptionGroup var flags: RecordFlags

    @Option(
        help: ArgumentHelp(
            "\(RollbackStrategy.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "strategy"))
    var strategy: String

    @Option(help: ArgumentHelp("The script that undoes it; its bytes are kept.", valueName: "path"))
    var script: String?

    @Option(help: "The backup or snapshot to go back to.") var restorePoint: String?
    @Option(help: "Until when that is kept.") var restorePointExpires: String?

    @Option(help: ArgumentHelp("Where it was tested; repeatable.", valueName: "environment"))
    var testedIn: [String] = []

    func run() async throws {
        let script = try script.map { path throws(LedgerError) in
            try TextFile.bytes(path, limit: EventSchema.attachmentByteLimit)
        }
        try await flags.record(
            needsService: true,
            attachments: script.map { [Attachment(name: Attachment.rollbackScript, bytes: $0)] }
                ?? []
        ) { (event) throws(LedgerError) in
            event.set("rollback_plan", at: "type")
            event.set(strategy, at: "rollback", "strategy")
            event.set(restorePoint, at: "rollback", "restore_point")
            event.set(restorePointExpires, at: "rollback", "restore_point_expires")
            if !testedIn.isEmpty {
                event.set(.array(testedIn.map { .string($0) }), at: "rollback", "tested_in")
            }
        }
    }
}
