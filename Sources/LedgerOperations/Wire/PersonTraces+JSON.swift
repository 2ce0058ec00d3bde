import LedgerCore
import LedgerCorrelation

///    {"alike":["ann2@example.com"],"copies":[{"entry":40,"type":"export","what":"approvals"}],
///     "ids":["alice@example.com","alice-gh"],"names":["Alice Smith"],
///     "traces":[{"entry":3,"held":"case-14","kind":"value","member":"actor","what":"merge …"}],
///     "v":1}
extension PersonTraces: Answer {
    public var json: JSONObject {
        func list(_ values: [String]) -> JSON { .array(values.map(JSON.string)) }
        return JSONObject([
            "alike": list(alike),
            "copies": .array(
                copies.map {
                    [
                        "entry": .integer($0.index), "type": .string($0.type),
                        "what": .string($0.what),
                    ]
                }),
            "ids": list(ids), "names": list(names),
            "traces": .array(
                traces.map { trace in
                    .object(
                        JSONObject([
                            "entry": .integer(trace.index),
                            "held": trace.held.map(JSON.string),
                            "kind": .string(trace.kind.rawValue), "member": .string(trace.member),
                            "what": .string(trace.what),
                        ]))
                }), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        self.init()
        func list(_ name: String) -> [String] { json[name]?.array?.compactMap(\.string) ?? [] }
        guard let traces = json["traces"]?.array, let copies = json["copies"]?.array else {
            return nil
        }
        ids = list("ids")
        names = list("names")
        alike = list("alike")
        self.traces = traces.compactMap(\.object).compactMap { trace in
            guard let index = trace["entry"]?.integer, let member = trace["member"]?.string,
                let kind = (trace["kind"]?.string).flatMap(Kind.init(rawValue:)),
                let what = trace["what"]?.string
            else { return nil }
            return Trace(
                index: index, kind: kind, member: member, what: what, held: trace["held"]?.string)
        }
        self.copies = copies.compactMap(\.object).compactMap { copy in
            guard let index = copy["entry"]?.integer, let type = copy["type"]?.string,
                let what = copy["what"]?.string
            else { return nil }
            return Copy(index: index, type: type, what: what)
        }
        guard self.traces.count == traces.count, self.copies.count == copies.count else {
            return nil
        }
    }
}
