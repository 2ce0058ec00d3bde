import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations

struct PathVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "The environments that a service's changes pass through.",
        discussion: """
              ledger path set --service orders dev test stage prod
              ledger path set --service billing dev test eu,us prod
            """,
        subcommands: [PathSet.self])
}

struct PathSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Declare the path of a service.",
        discussion: """
            It holds from now on, until another is set; ledger status --at shows what held before. \
            Parallel environments are one step, with commas: a change that has come to one of \
            them may go on, for ledger gate and ledger check.

              ledger path set --service orders dev test stage prod
              ledger path set --service billing dev test eu,us prod
            """)

    @Argument(help: "The environments, in order.") var steps: [String]

    @Option(help: "The service; else the only one of ledger.yaml. [$LEDGER_SERVICE]")
    var service: String?

    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        let configuration = try Configuration.current()
        var object = JSONObject()
        object.set("path", at: "type")
        object.set(try configuration.service(service), at: "service")
        let steps = try self.steps.map { try Self.step($0, configuration) }
        if let name = ServicePath.repeated(in: steps) {
            throw LedgerError(.usage, "\(VisibleName.of(name)) stands twice on the path")
        }
        object.set(ServicePath(steps: steps, isDeclared: true).json, at: "path", "steps")
        object.set("manual", at: "trigger", "kind")
        try people.fill(&object)
        try await receipt.record([Event.ofFlags(object, [])], in: ledger)
    }

    private static func step(
        _ text: String, _ configuration: Configuration
    ) throws(LedgerError) -> [String] {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
            configuration.environment(String($0))
        }
        if names.contains("") {
            throw LedgerError(
                .usage, "a step of the path is empty",
                advice: "a variable in its place may be unset; parallel environments are eu,us")
        }
        return names
    }
}

struct TargetVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target",
        abstract: "The databases that a service has in an environment.",
        discussion: """
              ledger target add --service orders --env prod --tenant acme --region eu
              ledger target retire --service orders --env prod --tenant globex
            """,
        subcommands: [TargetAdd.self, TargetRetire.self])
}

struct TargetAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Declare a target, so that changes are missed where they don't come.",
        discussion: """
              ledger target add --service orders --env prod --tenant acme --region eu \\
                --address db1.example.com/orders
            """)

    @OptionGroup(title: "Where") var target: TargetFlags

    @Option(help: ArgumentHelp("Its database.", valueName: "host/database"))
    var address: String?

    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        var event = try TargetEvent.declaring("add", target, people)
        event.set(address, at: "target", "address")
        try await receipt.record([Event.ofFlags(event, [])], in: ledger)
    }
}

struct TargetRetire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Declare that a target is no more: nothing is missed there.",
        discussion: """
              ledger target retire --service orders --env prod --tenant globex
            """)

    @OptionGroup(title: "Where") var target: TargetFlags
    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        let event = try TargetEvent.declaring("retire", target, people)
        try await noteUnknown(Target(of: event))
        try await receipt.record([Event.ofFlags(event, [])], in: ledger)
    }
}

extension TargetRetire {
    /// Most often a target that nobody knows is a slip.
    private func noteUnknown(_ target: Target) async throws(LedgerError) {
        let view = try ledger.view()
        let declared = try await view.reply(to: DeclarationsInquiry()).targets
        if declared.contains(target) { return }
        var query = EntryQuery()
        query.services = [target.service].compactMap(\.self)
        let heard: [Target]
        do throws(LedgerError) {
            heard = try await view.targets(matching: query).map(\.target)
        } catch {
            // Who may only record is not told which targets were heard from.
            guard error.code == .notAllowed else { throw error }
            return
        }
        if heard.contains(target) { return }
        let names = (Array(declared) + heard).map(\.text)
        let advice = Suggestion.closest(to: target.text, among: names)
            .map { "; did you mean \($0)?" }
        Terminal.note(
            "note: \(VisibleName.of(target.text)) was neither declared nor heard from"
                + (advice ?? ""))
    }
}

private enum TargetEvent {
    static func declaring(
        _ action: String, _ target: TargetFlags, _ people: PeopleFlags
    ) throws(LedgerError) -> JSONObject {
        let configuration = try Configuration.current()
        var object = JSONObject()
        object.set("target", at: "type")
        try target.fill(&object, configuration)
        object.set(
            try configuration.service(object["service"]?.string), at: "service")
        if object["environment"] == nil {
            throw LedgerError(.usage, "a target has an environment", advice: "give --env")
        }
        object.set(action, at: "target", "action")
        object.set("manual", at: "trigger", "kind")
        try people.fill(&object)
        return object
    }
}
