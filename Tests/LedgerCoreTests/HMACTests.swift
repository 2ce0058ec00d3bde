import LedgerCrypto
import Testing

struct HMACTests {
    /// RFC 4231 §4: key, data, code.
    static let vectors: [(key: [UInt8], data: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        // Of no bytes with no key, as `openssl dgst -sha256 -mac HMAC` has it.
        ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]

    @Test(arguments: HMACTests.vectors.indices)
    func theCodesAreThoseOfTheRFC(index: Int) {
        let vector = Self.vectors[index]
        #expect(HMACSHA256.code(of: vector.data, key: vector.key).hex == vector.code)
    }

    @Test func comparesAnyTwoValues() {
        #expect(ConstantTime.isEqual([1, 2, 3], [1, 2, 3]))
        #expect(ConstantTime.isEqual([], []))
        for other: [UInt8] in [[], [1, 2], [1, 2, 4], [0, 2, 3], [1, 2, 3, 0]] {
            #expect(!ConstantTime.isEqual([1, 2, 3], other))
        }
        let digest = SHA256.hash([1])
        #expect(ConstantTime.isEqual(digest, SHA256.hash([1])))
        #expect(!ConstantTime.isEqual(digest, SHA256.hash([2])))
    }
}
