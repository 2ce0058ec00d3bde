import LedgerCore
import LedgerCorrelation
import LedgerReport

/// What is declared: paths, targets, and the policy in force.
public struct DeclarationsInquiry: Inquiry {
    public static let route = "declarations"
    public static let known: [String] = []
    /// Who declares must know what is declared.
    public static let isOpenToWriters = true

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {}

    public var parameters: [Question.Parameter] { [] }

    public func reply(of view: LocalView) throws(LedgerError) -> Declarations {
        var declarations = Declarations()
        try view.reader.forEachFact([.path, .policy], of: [], asOf: .now) { row in
            if row.type == .policy {
                declarations.policyDigest = row.string("policy", "digest")
            } else if let service = row.target.service {
                declarations.steps[ExactText(service)] = row.members[["path", "steps"]]
            }
        }
        try view.reader.forEachTargetDeclaration(of: [], asOf: .now) { declaration in
            declarations.addresses[declaration.target] = declaration.address
            if declaration.isAdded {
                declarations.targets.insert(declaration.target)
            } else {
                declarations.targets.remove(declaration.target)
            }
        }
        return declarations
    }
}

/// `{"paths":{"orders":["dev","prod"]},"policy":"sha256:…","targets":[{…,"address":"…"}],"v":1}`.
public struct Declarations: Answer {
    /// By service, as in `path.steps`.
    public var steps: [ExactText: JSON] = [:]
    public var targets: Set<Target> = []
    /// `host/database`, as far as declared.
    public var addresses: [Target: String] = [:]
    /// `sha256:…` of the policy's canonical JSON.
    public var policyDigest: String?

    init() {}

    public var json: JSONObject {
        var paths = JSONObject()
        for (service, steps) in steps.sorted(by: { $0.key < $1.key }) {
            paths[service.text] = steps
        }
        return JSONObject([
            "paths": .object(paths), "policy": policyDigest.map(JSON.string),
            "targets": .array(
                targets.sorted { $0.isBefore($1) }.map { target in
                    var object = target.json
                    object.set(addresses[target], at: "address")
                    return .object(object)
                }), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        guard let paths = json["paths"]?.object, let targets = json["targets"]?.array else {
            return nil
        }
        for member in paths.members { steps[ExactText(member.name)] = member.value }
        for object in targets.compactMap(\.object) {
            let target = Target(of: object)
            self.targets.insert(target)
            addresses[target] = object["address"]?.string
        }
        policyDigest = json["policy"]?.string
    }
}
