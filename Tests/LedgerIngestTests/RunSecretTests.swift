import TestSupport
import Testing

@testable import LedgerIngest

struct RunSecretTests {
    @Test(arguments: SecretFreeText.examples.indices)
    func leavesSecretsOutOfText(index: Int) {
        let example = SecretFreeText.examples[index]
        #expect(SecretFreeText.text(of: example.text) == example.expected)
    }

    @Test(arguments: SecretFreeCommand.examples.indices)
    func leavesSecretsOutOfACommandLine(index: Int) {
        let example = SecretFreeCommand.examples[index]
        #expect(SecretFreeCommand.text(of: example.command) == example.expected)
    }

    @Test func theSecretNeverSurvivesWhateverSurroundsIt() {
        var generator = SeededGenerator()
        let ways: [(String) -> [String]] = [
            { ["x", "--password=\($0)"] }, { ["x", "--password", $0] },
            { ["mysql", "-p\($0)"] }, { ["x", "postgres://u:\($0)@h/db?sslmode=require"] },
            { ["x", "jdbc:a://h/db?user=a&password=\($0)&b=c"] },
            { ["env", "PGPASSWORD=\($0)", "x"] },
            { ["x", "host=h password='\($0)' port=1"] },
            { ["x", "jdbc:a://h;password=\($0);b=c"] },
            { ["sh", "-c", "cd x && mysql -p\($0) db"] },
            { ["ssh", "h", "A='b' DB_PASS=\($0) x"] },
            { ["sudo", "bash", "-c", "echo \"$(sqlplus 'u/\($0)@h')\""] },
            { ["x", "p://u:a@\($0)@h/b"] }, { ["x", "p://u:a/\($0)?c@h/b"] },
            { ["sh", "-c", "sh -c 'redis-cli -a \($0)' && x"] },
            { ["docker", "exec", "-i", "c", "mysql", "-uroot", "-p\($0)"] },
            { ["sqlite3", "a.db", "pragma key=\"\($0) x\";"] },
            { ["x", "--var", "db_pass=a;\($0)"] }, { ["x", "A=b;AccountKey=\($0)=="] },
        ]
        let fillers = ["-v", "a b", "k=v", "https://h/p?q=1", "it's", "=", "://", "@", "ü"]
        for _ in 0..<2000 {
            let marker = "S3cr3t\(generator.next())"
            var command = ways[Int.random(in: 0..<ways.count, using: &generator)](marker)
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let filler = fillers[Int.random(in: 0..<fillers.count, using: &generator)]
                command.append(filler)
            }
            let text = SecretFreeCommand.text(of: command)
            #expect(!text.contains(marker), "seed \(generator.seed): \(command)")
        }
    }
}
