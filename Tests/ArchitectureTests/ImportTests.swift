import Testing

/// What each module may import. The one-way street of the README stands in this table.
@Suite struct ImportTests {
    static let allowed: [String: Set<String>] = [
        "LedgerCrypto": ["COpenSSL"],
        "LedgerCore": ["LedgerCrypto"],
        "LedgerSQL": ["LedgerCrypto"],
        "LedgerProof": ["LedgerCore", "LedgerCrypto", "Dispatch", "Foundation", "Synchronization"],
        "LedgerStore": [
            "GRDB", "GRDBSQLite", "Glibc", "LedgerCore", "LedgerCrypto", "LedgerSQL",
            "LedgerSchema", "Synchronization",
        ],
        "LedgerCorrelation": ["LedgerCore", "LedgerSQL"],
        "LedgerReport": ["LedgerCore", "LedgerCorrelation", "LedgerCrypto"],
        "LedgerIngest": [
            "CLibgit2", "Glibc", "LedgerCore", "LedgerCrypto", "LedgerSchema", "Synchronization",
        ],
        "LedgerClient": [
            "AsyncHTTPClient", "Glibc", "LedgerCore", "LedgerCorrelation", "LedgerCrypto",
            "LedgerIngest", "LedgerOperations", "LedgerProof", "LedgerReport", "NIOCore",
            "NIOHTTP1", "NIOPosix",
            "NIOSSL", "Synchronization",
        ],
        "LedgerOperations": [
            "Dispatch", "Foundation", "Glibc", "LedgerCore", "LedgerCorrelation", "LedgerCrypto",
            "LedgerExports", "LedgerProof", "LedgerReport", "LedgerSQL", "LedgerStore",
            "Synchronization", "Yams",
        ],
        "LedgerService": [
            "AsyncHTTPClient", "Glibc", "HTTPTypes", "Hummingbird", "HummingbirdCore", "JWTKit",
            "LedgerCore", "LedgerCorrelation", "LedgerCrypto", "LedgerIngest", "LedgerOperations",
            "LedgerProof", "LedgerReport", "LedgerSchema", "Logging", "NIOCore", "NIOHTTPTypes",
            "NIOPosix",
            "NIOSSL", "ServiceLifecycle", "Synchronization", "UnixSignals", "Yams",
        ],
        "ledger": [
            "ArgumentParser", "Glibc", "LedgerClient", "LedgerCore", "LedgerCorrelation",
            "LedgerCrypto", "LedgerIngest",
            "LedgerOperations", "LedgerProof", "LedgerReport", "LedgerService", "Synchronization",
            "Yams",
        ],
        "CLibgit2": [],
        "COpenSSL": [],
    ]

    @Test func everyModuleImportsOnlyWhatItMay() throws {
        for module in try SourceTree.modules() {
            let allowed = try #require(
                Self.allowed[module], "\(module) is new: say here what it may import")
            for file in try SourceTree.swiftFiles(module) {
                for name in file.imports where !allowed.contains(name) {
                    Issue.record("\(file.path) imports \(name)")
                }
            }
        }
    }

    @Test func everyModuleOfTheTableIsThere() throws {
        #expect(Set(Self.allowed.keys) == Set(try SourceTree.modules()))
    }

    @Test func everyLibraryInCHasOneDoor() throws {
        let doors = [
            "COpenSSL": "Sources/LedgerCrypto/", "CLibgit2": "Sources/LedgerIngest/Git/",
            "GRDB": "Sources/LedgerStore/", "GRDBSQLite": "Sources/LedgerStore/",
        ]
        var used: Set<String> = []
        for file in try SourceTree.swiftFiles() {
            for name in file.imports {
                guard let door = doors[name] else { continue }
                used.insert(name)
                #expect(file.path.hasPrefix(door), "\(file.path) imports \(name)")
            }
        }
        #expect(used == Set(doors.keys))
    }

    @Test func verificationNeverReachesTheWriter() throws {
        for file in try SourceTree.swiftFiles("LedgerProof") {
            #expect(!file.imports.contains { $0 == "LedgerStore" || $0 == "LedgerOperations" })
        }
    }

    @Test func importLinesAreReadAsSwiftReadsThem() {
        let file = SourceTree.File(
            path: "x.swift",
            text: """
                import Glibc
                @testable import LedgerCore
                public import struct LedgerCrypto.Digest
                internal import GRDB
                let important = 1
                """)
        #expect(file.imports == ["Glibc", "LedgerCore", "LedgerCrypto", "GRDB"])
    }
}
