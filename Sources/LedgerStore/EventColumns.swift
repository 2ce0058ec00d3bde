import LedgerCore
import LedgerCrypto

/// The columns of the table `event`, taken from an event's members.
struct EventColumns {
    var index: Int64
    var at: Int64
    var isTimeKnown: Bool
    var recorded: Int64
    var type: String
    var service: String?
    var environment: String?
    var tenant: String?
    var region: String?
    var cluster: String?
    var database: String?
    var change: String?
    var name: String?
    var digest: String?
    var ticket: String?
    var operation: String?
    var status: String?
    var trigger: String?
    var strategy: String?
    var durationMilliseconds: Int64?
    var attempt: Int64?
    /// Absent from the table: it is kept with the change.
    var isRepeatable = false
    /// Likewise: nobody said the strategy.
    var isPlanInferred = false
    /// The id of the deployment, as the source gave it.
    var deploymentID: String?
    let stream: Digest
    /// The service that the event itself names: that of its stream.
    let streamService: String?

    init(leaf: Leaf, members: JSONObject) {
        index = leaf.index
        recorded = leaf.time
        stream = leaf.stream.id
        at = leaf.time
        isTimeKnown = false
        type = "deployment"
        streamService = members["service"]?.string
        take(members)
        // A review or a note may name its change only in `about`.
        if change == nil, let about = members["about"]?.array, about.count == 1,
            let text = about[0].object?["change"]?.string, let colon = text.firstIndex(of: ":")
        {
            service = service ?? String(text[..<colon])
            change = String(text[text.index(after: colon)...])
        }
        if type == "deployment", operation == nil { operation = "apply" }
    }

    /// Puts the given members over what is there: an event's own, or those of a correction.
    mutating func take(_ members: JSONObject) {
        for member in members.members {
            switch (member.name, member.value) {
            case ("type", .string(let text)): type = text
            case ("service", .string(let text)): service = text
            case ("environment", .string(let text)): environment = text
            case ("tenant", .string(let text)): tenant = text
            case ("region", .string(let text)): region = text
            case ("cluster", .string(let text)): cluster = text
            case ("database", .string(let text)): database = text
            case ("change", .object(let object)): takeChange(object)
            case ("deployment", .object(let object)): takeDeployment(object)
            case ("rollback", .object(let object)):
                strategy = object["strategy"]?.string ?? strategy
                isPlanInferred = object["inferred"]?.bool ?? isPlanInferred
            // Of a target, whether it was added or retired, and its address.
            case ("target", .object(let object)):
                operation = object["action"]?.string ?? operation
                name = object["address"]?.string ?? name
            case ("trigger", .object(let object)): trigger = object["kind"]?.string ?? trigger
            default: break
            }
        }
        takeTime(members)
    }

    private mutating func takeChange(_ object: JSONObject) {
        for member in object.members {
            switch (member.name, member.value) {
            case ("id", .string(let text)): change = text
            case ("name", .string(let text)): name = text
            case ("digest", .string(let text)): digest = text
            case ("ticket", .string(let text)): ticket = text
            case ("repeatable", .bool(let flag)): isRepeatable = flag
            default: break
            }
        }
    }

    private mutating func takeDeployment(_ object: JSONObject) {
        for member in object.members {
            switch (member.name, member.value) {
            case ("id", .string(let text)): deploymentID = text
            case ("operation", .string(let text)): operation = text
            case ("status", .string(let text)): status = text
            case ("duration_ms", .integer(let number)): durationMilliseconds = number
            case ("attempt", .integer(let number)): attempt = number
            default: break
            }
        }
    }

    private mutating func takeTime(_ members: JSONObject) {
        let text =
            members["time"]?.string ?? members[["deployment", "ended"]]?.string
            ?? members[["deployment", "started"]]?.string
        guard let time = text.flatMap(Timestamp.init(rfc3339:)) else { return }
        at = time.milliseconds
        isTimeKnown = true
    }

    /// Fills what this row lacks from an earlier row of the same deployment.
    mutating func inherit(_ earlier: EventColumns) {
        database = database ?? earlier.database
        change = change ?? earlier.change
        name = name ?? earlier.name
        digest = digest ?? earlier.digest
        ticket = ticket ?? earlier.ticket
        trigger = trigger ?? earlier.trigger
        strategy = strategy ?? earlier.strategy
        attempt = attempt ?? earlier.attempt
        if operation == "apply", let theirs = earlier.operation { operation = theirs }
    }

    /// Ties the events of one deployment: 8 bytes of SHA-256 over the stream's id and the
    /// deployment's. The reader compares the ids themselves.
    func deploymentKey(hasher: SHA256) -> Int64? {
        guard let deploymentID else { return nil }
        var buffer = stream.bytes
        buffer += deploymentID.utf8
        return hasher.hash(buffer).shortKey
    }
}
