import HTTPTypes
import Hummingbird
import LedgerCore

/// What a delivery was answered.
struct HookAnswer: Sendable {
    enum Outcome: String, Sendable {
        case recorded
        /// Taken, and its scripts are still being looked for.
        case accepted
        case ignored
        case notUnderstood = "not-understood"
    }

    let outcome: Outcome
    private let isNew: Bool
    private let bytes: [UInt8]

    init(_ receipts: [Receipt], outcome: Outcome = .recorded) {
        self.init(
            outcome, isNew: receipts.contains { !$0.isRepeat },
            ["receipts": .array(receipts.map { .object($0.json) })])
    }

    init(_ outcome: Outcome, reason: String) {
        self.init(outcome, isNew: false, ["reason": .string(reason)])
    }

    private init(_ outcome: Outcome, isNew: Bool, _ members: [String: JSON]) {
        var object = JSONObject(["status": .string(outcome.rawValue), "v": 1])
        for (name, value) in members { object[name] = value }
        var bytes: [UInt8] = []
        CanonicalJSON.append(object, to: &bytes)
        self.outcome = outcome
        self.isNew = isNew
        self.bytes = bytes + [0x0A]
    }

    var byteCount: Int { bytes.count }

    /// - Parameter isRepeated: the delivery came before.
    func response(isRepeated: Bool = false) -> Response {
        let status: HTTPResponse.Status =
            switch outcome {
            case .recorded: isNew && !isRepeated ? .created : .ok
            case .accepted: .accepted
            case .ignored, .notUnderstood: isRepeated ? .ok : .accepted
            }
        return .bytesResponse(bytes, "application/json", status)
    }
}
