import LedgerCore
import LedgerProof

/// `{"archived":…,"attachments":…,"entries":…,"head":"1234:…","private_values":…,"problem_count":0,
/// "problems":[{"code":"…","detail":"…","index":12}],"streams":…,"v":1,"verified":true,
/// "warnings":[…]}`
extension Verifier.Verdict: Answer {
    public var json: JSONObject {
        func array(_ problems: Problems) -> JSON {
            .array(
                problems.kept.map { problem in
                    .object(
                        JSONObject([
                            "code": .string(problem.code.rawValue),
                            "detail": .string(problem.detail),
                            "index": problem.index.map(JSON.integer),
                        ]))
                })
        }
        return JSONObject([
            "archived": archivedCount > 0 ? .integer(archivedCount) : nil,
            "attachments": .integer(Int64(attachmentCount)),
            "entries": .integer(head.entryCount),
            "head": head.index >= 0 ? .string(head.text) : nil,
            "private_values": .integer(disclosureCount),
            "problem_count": .integer(Int64(problems.count)), "problems": array(problems),
            "streams": .integer(Int64(streamCount)), "v": 1,
            "verified": .bool(problems.count == 0), "warnings": array(warnings),
        ])
    }

    public init?(json: JSONObject) {
        func list(_ name: String) -> [Problem]? {
            json[name]?.array?.compactMap { item in
                guard let code = (item.object?["code"]?.string).flatMap(Problem.Code.init),
                    let detail = item.object?["detail"]?.string
                else { return nil }
                return Problem(index: item.object?["index"]?.integer, code: code, detail: detail)
            }
        }
        guard let attachments = json["attachments"]?.integer,
            let values = json["private_values"]?.integer, let streams = json["streams"]?.integer,
            let count = json["problem_count"]?.integer, let kept = list("problems"),
            let warnings = list("warnings")
        else { return nil }
        self.init()
        head = (json["head"]?.string).flatMap(Head.init) ?? .empty
        streamCount = Int(streams)
        disclosureCount = values
        attachmentCount = Int(attachments)
        archivedCount = json["archived"]?.integer ?? 0
        problems = Problems(kept: kept, count: Int(count))
        self.warnings = Problems(kept: warnings, count: warnings.count)
    }
}
