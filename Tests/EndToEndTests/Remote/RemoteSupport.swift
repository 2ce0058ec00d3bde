import Foundation
import LedgerCore
import TestSupport
import Testing

/// Both ways to one ledger.
struct BothWays {
    let served: ServedLedger
    let token: String

    var ledger: BuiltLedger { served.ledger }

    init(_ served: ServedLedger) throws {
        self.served = served
        token = try served.token("admin", "--name", "both ways")
    }

    // A second passes between the two.
    private static func timeless(_ errors: String) -> [UInt8] {
        let text = errors.replacingOccurrences(
            of: "the last [0-9]+ (s|min) ago", with: "the last a while ago",
            options: .regularExpression)
        return Array(text.utf8)
    }

    private static func ageless(_ table: String) -> String {
        table.replacingOccurrences(
            of: "[0-9]+ (s|min)( ago)?", with: "a while", options: .regularExpression
        ).replacingOccurrences(of: " +", with: " ", options: .regularExpression)
    }

    /// A ledger with one of everything.
    init() throws {
        try self.init(ServedLedger(try Self.richLedger()))
    }

    /// Runs a verb on the file and against the server, and fails the test unless both say the same,
    /// byte for byte.
    ///
    /// - Parameter showsAges: a table tells how long ago something was.
    func compare(
        _ arguments: [String], environment: [String: String] = [:], showsAges: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let form = showsAges ? Self.ageless : { $0 }
        let file = try Shell.execute(
            BuiltLedger.executable(), arguments,
            environment: ledger.variables.merging(environment) { $1 }, folder: ledger.folder.path)
        let remote = try served.run(arguments, token: token, environment: environment)
        let shown = Comment("ledger \(arguments.joined(separator: " "))")
        #expect(
            Array(form(remote.standardOutput).utf8) == Array(form(file.standardOutput).utf8), shown,
            sourceLocation: sourceLocation)
        #expect(
            Self.timeless(remote.standardError) == Self.timeless(file.standardError), shown,
            sourceLocation: sourceLocation)
        #expect(remote.status == file.status, shown, sourceLocation: sourceLocation)
    }

    /// Events of all types and members, tenants that fold, what was corrected, scripts, odd names.
    static func richLedger() throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        let folder = ledger.folder
        try folder.write(String(decoding: try examples(), as: UTF8.self), to: "examples.ndjson")
        _ = try ledger.run("import", "events", "--keep-going", "examples.ndjson")
        for (place, tenant) in ["acme", "globex", "initech", "a&b=c?#%+ü"].enumerated() {
            try ledger.deploy(
                "V42__add_index", tenant: tenant, status: place == 1 ? "failed" : "succeeded")
            try ledger.deploy("V43__fill", environment: "stage", tenant: tenant)
        }
        try ledger.deploy("V42__add_index", tenant: "globex")
        try folder.write("ALTER TABLE t ADD c INTEGER; -- ünï\n", to: "V7__add.sql")
        try folder.write("ALTER TABLE t DROP c;\n", to: "U7__add.sql")
        try folder.write("a plan\n", to: "plan.txt")
        try ledger.output(
            "run", "--service", "shop/eu ü", "--env", "prod", "--file", "V7__add.sql", "-m",
            "line one\nline two", "--", "sh", "-c", "echo oh >&2; exit 0")
        try ledger.output(
            "rollback", "set", "--service", "shop/eu ü", "--change", "V7__add", "--strategy",
            "reversible", "--script", "U7__add.sql", "--tested-in", "stage", "--restore-point",
            "snap-1", "--restore-point-expires", "2027-01-01T00:00:00Z", "--attach",
            "plan=plan.txt")
        // A colon also parts a service from a change.
        try ledger.deploy("odd:id/%2F #1")
        let index = try ledger.deploy("V44__late", environment: "prdo")
        try ledger.output(
            "correct", String(index), "--env", "prod", "--ticket", "INC-7", "-m", "a slip")
        try ledger.output("record", "note", "--about", "3", "--title", "=1+1", "--message", "a,\"b")
        try ledger.output(
            "record", "deployment", "--service", "app", "--env", "prod", "--change",
            "db/changelog.xml::1::ann")
        // Edited on its way.
        for environment in ["stage", "prod"] {
            try folder.write("SELECT 1,\t'\(environment) ü';\r\n", to: "V9__edited.sql")
            try ledger.output(
                "record", "deployment", "--service", "orders", "--env", environment, "--file",
                "V9__edited.sql")
        }
        try ledger.output("token", "create", "--role", "writer", "--service", "orders")
        try ledger.output(
            "redact", String(index), "--member", "actor", "--member", "principal_name", "-m", "x")
        try ledger.output("hold", "add", "case-14", "--env", "prod", "--person", "ann", "-m", "y")
        return ledger
    }

    private static func examples() throws -> [UInt8] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../schema/event/examples.json").standardized
        let document = try JSONReader.read(Array(try Data(contentsOf: path))).object
        let events = try #require(document?["good"]?.array).compactMap { $0.object?["event"] }
        return Array(events.map { CanonicalJSON.bytes($0) }.joined(separator: [0x0A]))
    }
}
