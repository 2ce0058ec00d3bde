import LedgerCrypto

/// A body as it is read back, with the private values that are still there.
public struct StoredBody: Sendable {
    /// The event's public members.
    public let event: JSONObject
    public let principal: JSONObject
    /// The digest of each private member's disclosure, by name.
    public let privateDigests: JSONObject

    /// Nil unless the bytes have the form of a body.
    public init?(_ bytes: [UInt8]) {
        guard let body = (try? JSONReader.read(bytes))?.object,
            let event = body["event"]?.object, let principal = body["principal"]?.object,
            let digests = body["private"]?.object
        else { return nil }
        self.event = event
        self.principal = principal
        privateDigests = digests
    }

    /// Whether `new` says the same as this body: equal public members, the same private names,
    /// and equal values of those that `disclosures` still has.
    public func hasSameContent(as new: Event, disclosures: [Disclosure]) -> Bool {
        guard event == new.members else { return false }
        let names = privateDigests.members.map(\.name).filter { $0 != EventSchema.principalName }
        guard names.count == new.privateMembers.members.count,
            zip(names, new.privateMembers.members).allSatisfy({ $0.hasSameBytes(as: $1.name) })
        else { return false }
        return disclosures.allSatisfy { disclosure in
            disclosure.name == EventSchema.principalName
                || disclosure.value == new.privateMembers[disclosure.name]
        }
    }
}
