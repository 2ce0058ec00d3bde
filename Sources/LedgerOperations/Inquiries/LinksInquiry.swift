import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger link list`: which things are one under several names.
public struct LinksInquiry: Inquiry {
    public static let route = "links"
    public static let known = ["service", "change"]

    public var services: [String] = []
    /// An id, of the only service that is asked for: then its deployments are looked at too.
    public var change: String?

    public init() {}

    /// Of one change, by its id.
    public init(ofChange id: String, service: String) {
        services = [service]
        change = id
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        services = reader.all("service")
        change = try reader.one("change")
    }

    public var parameters: [Question.Parameter] {
        services.map { ("service", $0) } + (change.map { [("change", $0)] } ?? [])
    }

    public func reply(of view: LocalView) throws(LedgerError) -> Rows<Link> {
        try view.check(services, [])
        if change != nil, services.count != 1 {
            throw LedgerError(.usage, "change needs its service", advice: "give service once")
        }
        guard let change, let service = services.first else {
            let changes = try view.reader.changesByService(services, asOf: .now)
            let links = try view.reader.links(among: changes, asOf: .now)
            return Rows(links.sorted { $0.key < $1.key }.flatMap(\.value.links))
        }
        let links = try view.links(of: service)
        let name = links?.name(of: change) ?? change
        let mine = (links?.links ?? []).filter { link in
            [link.change, link.same].contains {
                links?.name(of: $0).hasSameBytes(as: name) ?? false
            }
        }
        let story = try view.story(
            of: KnownChange(service: service, id: change, name: nil, strategy: nil))
        return Rows(
            mine
                + SameExecution.links(
                    among: story, service: service, change: name,
                    words: try view.reader.linkWords(asOf: .now)))
    }
}
