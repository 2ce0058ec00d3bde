import Foundation
import TestSupport
import Testing

@testable import LedgerCore
@testable import LedgerCrypto

@Suite struct EncodingTests {
    // FIPS 180-4 examples, RFC 6962 §2.1.1, and the padding's borders by another implementation.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func hashesToKnownAnswers(_ text: String, _ hex: String) {
        let hasher = SHA256()
        for _ in 0..<2 { #expect(hasher.hash(Array(text.utf8)).hex == hex) }
        #expect(SHA256.hash(Array(text.utf8)) == Digest(hex: hex.utf8))
    }

    @Test func hashesAMillionBytesInPieces() {
        let hasher = SHA256()
        hasher.start()
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
        for _ in 0..<1000 { piece.withUnsafeBytes { hasher.update($0) } }
        #expect(
            hasher.finish().hex
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func hashesAnEmptyLeafAsRFC6962Does() {
        #expect(
            Leaf.hash([], with: SHA256()).hex
                == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    }

    // RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func decodesBase64(_ text: String, _ digits: String) {
        #expect(Base64.decode(digits) == Array(text.utf8))
        #expect(Base64URL.encode(Array(text.utf8)) == digits.filter { $0 != "=" })
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v=", "====", "=Zg=", "Z===", "Zg==Zg==", "Zm 9v",
        "Zm9v\n", "-_-_", "Zm9é",
    ])
    func refusesWhatIsNotBase64(_ digits: String) {
        #expect(Base64.decode(digits) == nil)
    }

    @Test func base64AgreesWithFoundation() {
        var generator = SeededGenerator()
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.decode(text) == bytes)
            let forURL = text.replacingOccurrences(of: "+", with: "-")
                .replacingOccurrences(of: "/", with: "_").filter { $0 != "=" }
            #expect(Base64URL.encode(bytes) == forURL)
            #expect(Base64URL.isEncoding(forURL.utf8, ofByteCount: count))
            #expect(!Base64URL.isEncoding(forURL.utf8, ofByteCount: count + 1))
        }
    }

    @Test(arguments: [
        ("AAAAAAAAAAAAAAAAAAAAAA", true), ("AAAAAAAAAAAAAAAAAAAAAQ", true),
        ("AAAAAAAAAAAAAAAAAAAAAB", false), ("AAAAAAAAAAAAAAAAAAAAA=", false),
        ("AAAAAAAAAAAAAAAAAAAAA+", false), ("AAAAAAAAAAAAAAAAAAAAA", false), ("", false),
    ])
    func knowsTheOneFormOfSixteenBytes(_ text: String, _ isOne: Bool) {
        #expect(Base64URL.isEncoding(text.utf8, ofByteCount: 16) == isOne)
    }

    @Test func aDigestIsReadFromLowerCaseHexadecimalOnly() throws {
        let digits = String(repeating: "0123456789abcdef", count: 4)
        let digest = try #require(Digest(hex: digits.utf8))
        #expect(digest.hex == digits)
        #expect(Digest(digest.bytes) == digest)
        #expect(digest.shortKey == 0x0123_4567_89AB_CDEF)
        #expect(Digest(digest.bytes.dropLast()) == nil)
        for other in [
            digits.uppercased(), String(digits.dropLast()), digits + "0",
            "g" + digits.dropFirst(), " " + digits.dropFirst(), "é" + digits.dropFirst(2), "",
        ] {
            #expect(Digest(hex: other.utf8) == nil)
            let bytes = Array(other.utf8)
            #expect(bytes.withUnsafeBufferPointer { Digest(hexDigits: $0) } == nil)
        }
        #expect(Array(digits.utf8).withUnsafeBufferPointer { Digest(hexDigits: $0) } == digest)
    }

    @Test func readsEveryDigitTheSameWayOneByOneAndEightAtATime() {
        for place in [0, 1, 7, 30, 63] {
            for byte in UInt8.min...UInt8.max {
                var digits = Array(
                    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".utf8)
                digits[place] = byte
                let together = digits.withUnsafeBufferPointer { Digest(hexDigits: $0) }
                #expect(together == Digest(hex: digits), "\(byte) at \(place)")
            }
        }
    }

    @Test func randomBytesAreNeverTheSame() {
        var random = SecureRandom()
        let values = Set((0..<2000).map { _ in Array(random.bytes(16)) })
        #expect(values.count == 2000)
    }

    @Test func aHeadIsReadOnlyAsItIsWritten() throws {
        let hash = SHA256.hash(Array("x".utf8))
        let head = Head(index: 1234, hash: hash)
        #expect(Head(head.text) == head)
        for text in [
            "", "1234", "1234:", ":\(hash.hex)", "+1234:\(hash.hex)", "01234:\(hash.hex)",
            "-1:\(hash.hex)", "1234:\(hash.hex.uppercased())", "1234:\(hash.hex):",
            "1 :\(hash.hex)",
            "99999999999999999999:\(hash.hex)",
        ] { #expect(Head(text) == nil, "\(text)") }
        #expect(Head.empty.entryCount == 0)
        let receipt = Receipt(index: 7, hash: hash, time: Timestamp(milliseconds: 0))
        #expect(receipt.text == "ledger: #7 \(hash.hex)")
    }

    @Test(arguments: [
        "[\"AAAAAAAAAAAAAAAAAAAAAA\",\"title\",\"x\"]",
        "[\"AAAAAAAAAAAAAAAAAAAAAA\",\"a\",{\"b\":[1]}]",
    ])
    func readsADisclosure(_ text: String) throws {
        let disclosure = try #require(Disclosure(stored: Array(text.utf8)))
        let value = try #require(disclosure.value)
        let again = Disclosure(
            salt: [UInt8](repeating: 0, count: 16), name: disclosure.name, value: value)
        #expect(again == disclosure)
    }

    @Test(arguments: [
        "", "{}", "[]", "[\"AAAAAAAAAAAAAAAAAAAAAA\",\"title\"]",
        "[\"AAAAAAAAAAAAAAAAAAAAAA\",\"title\",\"x\",1]", "[\"AAAA\",\"title\",\"x\"]",
        "[\"AAAAAAAAAAAAAAAAAAAAAB\",\"title\",\"x\"]", "[\"AAAAAAAAAAAAAAAAAAAAAA\",1,\"x\"]",
        "[\"AAAAAAAAAAAAAAAAAAAAAA\",\"title\", \"x\"]",
        "[\"AAAAAAAAAAAAAAAAAAAAAA\",\"title\",null]",
        "[\"AAAAAAAAAAAAAAAAAAAAAA\",\"titl\\u0065\",\"x\"]",
    ])
    func refusesWhatIsNoDisclosure(_ text: String) {
        #expect(Disclosure(stored: Array(text.utf8)) == nil)
    }
}
