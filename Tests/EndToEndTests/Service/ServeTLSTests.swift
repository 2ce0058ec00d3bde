import Foundation
import TestSupport
import Testing

/// `ledger serve` over TLS.
@Suite struct ServeTLSTests {
    /// A certificate for 127.0.0.1 that vouches for itself, and its key.
    private func makeCertificate(_ name: String, in folder: TemporaryFolder) throws {
        let made = try Shell.execute(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", folder.file("\(name).key"), "-out",
                folder.file("\(name).pem"),
            ])
        try #require(made.status == 0, "\(made.standardError)")
    }

    private func use(_ name: String, in folder: TemporaryFolder) throws {
        for kind in ["pem", "key"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("\(name).\(kind)")))
            try bytes.write(to: URL(fileURLWithPath: folder.file("served.\(kind)")))
        }
    }

    private func trusts(_ name: String, _ service: RunningService) throws -> Bool {
        let certificate = service.ledger.folder.file("\(name).pem")
        let result = try Shell.execute(
            "curl", ["-sS", "--cacert", certificate, service.url + "/healthz"])
        return result.status == 0 && result.standardOutput.contains("ok")
    }

    @Test func readsItsCertificateAgainWhenToldTo() throws {
        let ledger = try BuiltLedger()
        for name in ["first", "second"] { try makeCertificate(name, in: ledger.folder) }
        try use("first", in: ledger.folder)
        let service = try RunningService(
            ledger,
            [
                "--listen", "127.0.0.1:0", "--tls-cert", ledger.folder.file("served.pem"),
                "--tls-key", ledger.folder.file("served.key"),
            ])
        #expect(service.url.hasPrefix("https://"))
        #expect(try trusts("first", service))
        #expect(try !trusts("second", service))

        try use("second", in: ledger.folder)
        service.signal(SIGHUP)
        _ = try #require(service.line(containing: "the certificate was read again"))
        #expect(try trusts("second", service))
        #expect(try !trusts("first", service))

        // What can't be used changes nothing.
        try ledger.folder.write("no certificate", to: "served.pem")
        service.signal(SIGHUP)
        _ = try #require(service.line(containing: "the certificate stays as it was"))
        #expect(try trusts("second", service))

        // The command trusts it by LEDGER_CA_FILE, and only so.
        let token = try service.token("reader")
        var variables = ["LEDGER": service.url, "LEDGER_TOKEN": token]
        let mistrusted = try ledger.run("info", environment: variables)
        #expect(mistrusted.status == 1)
        #expect(!mistrusted.standardError.contains(token))
        variables["LEDGER_CA_FILE"] = ledger.folder.file("second.pem")
        let trusted = try ledger.run("info", environment: variables)
        #expect(trusted.status == 0, "\(trusted.standardError)")
        service.endWell()
    }

    @Test func refusesACertificateWithoutItsKey() throws {
        let ledger = try BuiltLedger()
        try makeCertificate("first", in: ledger.folder)
        let alone = try ledger.run("serve", "--tls-cert", ledger.folder.file("first.pem"))
        #expect(alone.status == 64)
        #expect(alone.standardError.contains("--tls-key"))
        try makeCertificate("second", in: ledger.folder)
        let wrong = try ledger.run(
            "serve", "--listen", "127.0.0.1:0", "--tls-cert", ledger.folder.file("first.pem"),
            "--tls-key", ledger.folder.file("second.key"))
        #expect(wrong.status == 64)
    }
}
