import LedgerCore
import LedgerCorrelation
import LedgerCrypto

/// A person whom a ledger is to forget.
public struct ForgetRequest: Sendable {
    public let person: String
    /// Texts and attachments that stay though they name the person, by member.
    public let kept: [String]
    public let why: ErasureReason

    public init(person: String, kept: [String] = [], why: ErasureReason) {
        self.person = person
        self.kept = kept
        self.why = why
    }
}

extension LocalLedger {
    public func forget(_ request: ForgetRequest) async throws(LedgerError) -> Redaction {
        try forget(request, as: principal)
    }

    /// Erases whatever names a person. Random words stand for the person's ids and names in the
    /// redactions, the same for the same one, so that findings about who approved whose change come
    /// out as before.
    ///
    /// - Throws: `notFound` if nothing can be erased, `notAllowed` if anything is held, and nothing
    ///   is erased then.
    public func forget(
        _ request: ForgetRequest, as principal: Principal
    ) throws(LedgerError) -> Redaction {
        let person = try LocalView(path: path).person(request.person)
        let why = try Self.nameless(request.why, person)
        let principal = Principal(
            kind: principal.kind, id: principal.id,
            name: principal.name.flatMap { person.isMentioned(in: .string($0)) ? nil : $0 })
        var words = StandIns()
        var whole = Redaction()
        // What was recorded while it was looked for goes too.
        while true {
            let view = try LocalView(path: path)
            var erasures: [Erasure] = []
            _ = try view.walk(person) { traced in
                erasures += words.erasures(of: traced, person, keeping: request.kept)
            }
            try view.close()
            if erasures.isEmpty { break }
            let redaction = try erase(erasures, why, as: principal)
            whole.receipts += redaction.receipts
            whole.entryCount += redaction.entryCount
            whole.memberCount += redaction.memberCount
            whole.kept += redaction.kept
            whole.leftover = redaction.leftover
        }
        guard whole.receipts.isEmpty else { return whole }
        // An earlier time may have left old pages.
        try store.emptyLog()
        throw LedgerError(
            .notFound, "nothing that can be erased names \(VisibleName.of(request.person))",
            advice: "ledger forget '\(VisibleName.of(request.person))' shows what does")
    }

    private static func nameless(
        _ why: ErasureReason, _ person: KnownPerson
    ) throws(LedgerError) -> ErasureReason {
        if person.isMentioned(in: .string(why.reason)) {
            throw LedgerError(
                .usage, "the reason names who is to be forgotten",
                advice: "name the request instead: -m 'erasure request 12'")
        }
        let actor = why.actor.flatMap { person.isMentioned(in: .string($0)) ? nil : $0 }
        return try ErasureReason(why.reason, actor: actor)
    }
}

/// Random words in place of ids and names.
struct StandIns {
    private var words: [String: String] = [:]
    private var random = SecureRandom()

    /// What of an entry goes: members with the same person's words together.
    mutating func erasures(
        of traced: TracedEntry, _ person: KnownPerson, keeping kept: [String]
    ) -> [Erasure] {
        let index = traced.entry.index
        let texts = traced.mentions.filter { name in !kept.contains { $0.hasSameBytes(as: name) } }
        var rest = Erasure(index: index, members: texts)
        var erasures: [Erasure] = []
        for name in traced.values {
            guard let disclosure = traced.entry.disclosures.first(where: { $0.name == name }),
                let stand = stand(for: disclosure, traced.entry, person)
            else {
                rest.members.append(name)
                continue
            }
            if let place = erasures.firstIndex(where: { $0.stand == stand }) {
                erasures[place].members.append(name)
            } else {
                erasures.append(Erasure(index: index, members: [name], stand: stand))
            }
        }
        if rest.members.isEmpty { return erasures }
        if erasures.isEmpty { return [rest] }
        erasures[0].members += rest.members
        return erasures
    }

    private mutating func stand(
        for disclosure: Disclosure, _ entry: StoredEntry, _ person: KnownPerson
    ) -> Erasure.Stand? {
        guard let compared = person.compared(in: disclosure) else {
            return disclosure.name == "actor" ? stand(forActorOf: entry) : nil
        }
        return Erasure.Stand(
            id: word(for: compared.id), name: compared.name.map { word(for: $0) })
    }

    /// Of whoever rejected a change, if nobody knows who that was: the word of somebody whom nobody
    /// knows would count for nothing.
    mutating func stand(forActorOf entry: StoredEntry) -> Erasure.Stand? {
        let event = entry.body.flatMap { StoredBody($0) }?.event
        guard event?[["review", "decision"]]?.string == "rejected" else { return nil }
        return Erasure.Stand(id: freshWord(), name: nil)
    }

    private mutating func word(for text: String) -> String {
        if let word = words[text] { return word }
        let word = freshWord()
        words[text] = word
        return word
    }

    private mutating func freshWord() -> String {
        let digits = random.bytes(8).map { ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }
        return "erased-" + digits.joined()
    }
}
