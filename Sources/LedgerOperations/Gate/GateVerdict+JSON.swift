import LedgerCore
import LedgerCorrelation

/// `{"acknowledged":[…],"change":"42","environment":"prod","name":"V42__add_index","open":false,
/// "reasons":[{"advice":"…","code":"no-review","detail":"…","entries":[12]}],"service":"orders",
/// "state":"pending","tenant":"acme","v":1}`
extension GateVerdict: Answer {
    public var json: JSONObject {
        JSONObject([
            "acknowledged": acknowledged.isEmpty
                ? nil : .array(acknowledged.map { .object($0.json) }),
            "change": .string(change), "environment": .string(environment),
            "name": name.map(JSON.string), "open": .bool(isOpen),
            "reasons": .array(reasons.map { .object($0.json) }), "service": .string(service),
            "state": .string(state.rawValue), "tenant": tenant.map(JSON.string), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let change = json["change"]?.string,
            let environment = json["environment"]?.string,
            let state = json["state"]?.string.flatMap(ChangeState.init(rawValue:)),
            let reasons = GateReason.list(json["reasons"] ?? .array([])),
            let acknowledged = GateReason.list(json["acknowledged"] ?? .array([])),
            json["open"]?.bool == reasons.isEmpty
        else { return nil }
        self.init(
            service: service, change: change, name: json["name"]?.string, environment: environment,
            tenant: json["tenant"]?.string, state: state, reasons: reasons,
            acknowledged: acknowledged)
    }
}

extension GateReason {
    fileprivate var json: JSONObject {
        JSONObject([
            "advice": .string(advice), "code": .string(code), "detail": .string(detail),
            "entries": .array(entries.map(JSON.integer)),
        ])
    }

    fileprivate static func list(_ json: JSON) -> [GateReason]? {
        let reasons = json.array?.compactMap { item -> GateReason? in
            guard let reason = item.object, let code = reason["code"]?.string,
                let detail = reason["detail"]?.string, let advice = reason["advice"]?.string
            else { return nil }
            return GateReason(
                code: code, detail: detail, advice: advice,
                entries: reason["entries"]?.array?.compactMap(\.integer) ?? [])
        }
        return reasons?.count == json.array?.count ? reasons : nil
    }
}
