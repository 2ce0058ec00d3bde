// swift-tools-version: 6.1
import PackageDescription

// Modules and what may import what: README.md, "How it is laid out". Tests/ArchitectureTests reads
// the import lines and holds them to it.
let package = Package(
    name: "ledger",
    products: [.executable(name: "ledger", targets: ["ledger"])],
    dependencies: [
        // SQLite with prepared statements, one writer and read-only connections; used by
        // LedgerStore alone.
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Verbs, options, help, completions and manual pages.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Reads ledger.yaml, and the settings of `ledger serve`.
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        // HTTP: the router, TLS, and the server's life; used by LedgerService alone.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        // HTTP as a client: LedgerClient, and the keys of an OIDC issuer.
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        // Checks the signatures of identity tokens.
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("crypto")]),
        .target(
            name: "CLibgit2", linkerSettings: [.linkedLibrary("git2"), .linkedLibrary("z")]),
        .target(name: "LedgerCrypto", dependencies: ["COpenSSL"]),
        .target(name: "LedgerCore", dependencies: ["LedgerCrypto"]),
        .target(name: "LedgerSQL", dependencies: ["LedgerCrypto"]),
        .target(
            name: "LedgerSchema", path: "schema", exclude: ["entry", "event"],
            resources: [
                .embedInCode("openapi.yaml"), .embedInCode("http/ledger-run.sh"),
                .embedInCode("postgres/table-rows.sql"),
                .embedInCode("postgres/ddl-events.sql"),
                .embedInCode("sqlite/entries.sql"), .embedInCode("sqlite/projections.sql"),
            ]
        ),
        .target(
            name: "LedgerExports", path: "exports",
            exclude: ["query-row.schema.json", "reports.md", "samples"],
            resources: [
                .embedInCode("access.yaml"), .embedInCode("ad-hoc-share.yaml"),
                .embedInCode("approvals.yaml"), .embedInCode("change-population.yaml"),
                .embedInCode("deployments.yaml"), .embedInCode("emergency-changes.yaml"),
                .embedInCode("environment-state.yaml"), .embedInCode("exceptions.yaml"),
                .embedInCode("findings.yaml"), .embedInCode("integrity.yaml"),
                .embedInCode("rollback-coverage.yaml"), .embedInCode("who-did-what.yaml"),
            ]
        ),
        .target(
            name: "LedgerStore",
            dependencies: [
                "LedgerCore", "LedgerCrypto", "LedgerSchema", "LedgerSQL",
                .product(name: "GRDB", package: "GRDB.swift"),
                // The same SQLite, for the loops in which GRDB's values cost more than the work.
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(name: "LedgerProof", dependencies: ["LedgerCore", "LedgerCrypto"]),
        .target(
            name: "LedgerIngest",
            dependencies: ["CLibgit2", "LedgerCore", "LedgerCrypto", "LedgerSchema"]),
        .target(name: "LedgerCorrelation", dependencies: ["LedgerCore", "LedgerSQL"]),
        .target(
            name: "LedgerReport", dependencies: ["LedgerCore", "LedgerCorrelation", "LedgerCrypto"]),
        .target(
            name: "LedgerOperations",
            dependencies: [
                "LedgerCore", "LedgerCorrelation", "LedgerCrypto", "LedgerExports", "LedgerSQL",
                "LedgerStore", "LedgerProof", "LedgerReport",
                // Reads the definitions of reports too.
                "Yams",
            ]),
        .target(
            name: "LedgerClient",
            dependencies: [
                "LedgerCore", "LedgerCorrelation", "LedgerCrypto", "LedgerIngest",
                "LedgerOperations", "LedgerProof", "LedgerReport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(
            name: "LedgerService",
            dependencies: [
                "LedgerCore", "LedgerCorrelation", "LedgerCrypto", "LedgerIngest",
                "LedgerOperations", "LedgerProof", "LedgerReport", "LedgerSchema",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "JWTKit", package: "jwt-kit"),
                "Yams",
            ],
            exclude: ["LedgerService.docc"]),
        .executableTarget(
            name: "ledger",
            dependencies: [
                "LedgerCore", "LedgerCorrelation", "LedgerCrypto", "LedgerOperations",
                "LedgerClient", "LedgerIngest", "LedgerReport", "LedgerProof", "LedgerService",
                "Yams", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // What `make bench` measures against.
        .executableTarget(
            name: "ledger-bench",
            dependencies: [
                "LedgerCore", "LedgerCrypto", "LedgerSchema", "LedgerStore",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Tests/Benchmarks",
            exclude: [
                "bench.py", "make_events.py", "make_fleet.py", "make-git-repository.py", "serve.py",
            ]),
        .target(name: "TestSupport", dependencies: ["LedgerCore"], path: "Tests/TestSupport"),
        .testTarget(
            name: "LedgerCoreTests", dependencies: ["LedgerCore", "LedgerCrypto", "TestSupport"]),
        .testTarget(
            name: "LedgerSQLTests", dependencies: ["LedgerSQL", "TestSupport"],
            exclude: ["pglast_objects.py", "postgres.sql"]),
        .testTarget(
            name: "LedgerStoreTests", dependencies: ["LedgerStore", "LedgerProof", "TestSupport"]),
        .testTarget(
            name: "LedgerIngestTests", dependencies: ["LedgerIngest", "TestSupport"],
            exclude: ["CloudEvents/cdevents-conformance.golden", "HookGolden"]),
        .testTarget(
            name: "LedgerCorrelationTests",
            dependencies: [
                "LedgerCorrelation", "LedgerCrypto", "LedgerExports", "LedgerOperations",
                "LedgerReport", "LedgerStore", "TestSupport",
            ]),
        .testTarget(name: "LedgerReportTests", dependencies: ["LedgerReport", "TestSupport"]),
        .testTarget(
            name: "LedgerServiceTests",
            dependencies: [
                "LedgerClient", "LedgerReport", "LedgerService", "ledger", "TestSupport", "Yams",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ]),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"]),
        .executableTarget(
            name: "RunFixture", dependencies: ["LedgerClient", "LedgerIngest"],
            path: "Tests/RunFixture"),
        .testTarget(
            name: "LedgerClientTests",
            dependencies: [
                "LedgerClient", "LedgerCrypto", "LedgerIngest", "LedgerOperations", "LedgerReport",
                "RunFixture", "TestSupport",
            ]),
        .executableTarget(
            name: "FlipFixture", dependencies: ["LedgerCore", "LedgerOperations", "LedgerProof"],
            path: "Tests/FlipFixture", exclude: ["read_flipped.py"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "ledger", "FlipFixture", "LedgerCore", "LedgerCrypto", "LedgerIngest",
                "LedgerOperations", "LedgerProof", "LedgerReport", "LedgerSchema",
                "LedgerService", "LedgerStore", "TestSupport",
            ],
            exclude: ["RunScript/recorder.py", "Service/Storm"]),
    ]
)
