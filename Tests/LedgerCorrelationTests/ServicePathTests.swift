import LedgerCore
import Testing

@testable import LedgerCorrelation

@Suite struct ServicePathTests {
    private func seen(_ times: [[String: Int64]]) -> String {
        let names = Set(times.flatMap(\.keys)).sorted()
        let byName = times.map { row in
            Dictionary(uniqueKeysWithValues: row.map { (ExactText($0.key), $0.value) })
        }
        return ServicePath(seen: names, firstApplied: byName).text
    }

    @Test func environmentsStandInTheOrderInWhichChangesCame() {
        #expect(seen([["alpha": 3, "beta": 1, "gamma": 2]]) == "beta → gamma → alpha")
        // A hotfix in Prod first does not turn the path around.
        let history: [[String: Int64]] = [
            ["dev": 1, "stage": 2, "prod": 3], ["dev": 4, "stage": 5, "prod": 6],
            ["prod": 7, "stage": 8, "dev": 9],
        ]
        #expect(seen(history) == "dev → stage → prod")
    }

    @Test func usualNamesDecideWhereNothingWasSeen() {
        #expect(
            seen([["prod": 1], ["dev": 5], ["uat": 2], ["test": 3]]) == "dev → test → uat → prod")
        #expect(seen([["eu": 1], ["us": 1]]) == "eu → us")
    }

    @Test func declaredStepsMayBeParallel() throws {
        let members = try #require(
            JSONReader.read(Array(#"{"path":{"steps":["dev",["eu","us"],"prod"]}}"#.utf8)).object)
        let path = try #require(ServicePath(declared: members))
        #expect(path.text == "dev → eu, us → prod")
        #expect(path.upstream(of: "us") == ["dev"])
        #expect(path.upstream(of: "prod") == ["dev", "eu", "us"])
        #expect(path.upstream(of: "elsewhere") == [])
        #expect(ServicePath(declared: JSONObject()) == nil)
        let twice = try #require(
            JSONReader.read(Array(#"{"path":{"steps":["dev","prod",["dev"]]}}"#.utf8)).object)
        #expect(ServicePath(declared: twice)?.text == "dev → prod")
    }
}

@Suite struct ChangeOrderTests {
    private func order(_ items: [(String, Int64)]) -> [String] {
        let items = items.map { ChangeOrder.Item(id: $0.0, at: $0.1) }
        return ChangeOrder.sorted(items).map { items[$0].id }
    }

    @Test func versionsStandInTheirOwnOrder() {
        #expect(order([("10", 1), ("9", 2), ("2.1", 3), ("2", 4)]) == ["2", "2.1", "9", "10"])
        #expect(order([("V1.10", 1), ("V1.9", 2)]) == ["V1.9", "V1.10"])
        #expect(
            order([("20260102_0900", 2), ("20260101_2300", 1)]) == [
                "20260101_2300", "20260102_0900",
            ])
        let long = String(repeating: "9", count: 40)
        #expect(order([(long + "1", 1), (long, 2)]) == [long, long + "1"])
    }

    @Test func othersStandWhereTheyCame() {
        #expect(order([("b", 2), ("a", 2), ("c", 1)]) == ["c", "a", "b"])
        #expect(order([("2", 30), ("1", 10), ("hotfix", 20)]) == ["1", "hotfix", "2"])
    }

    @Test(arguments: ["", "V", "a1", "1a", "1..2", "_1", "1-2", "٣"])
    func whatIsNoVersionIsNone(text: String) {
        #expect(ChangeOrder.version(of: text) == nil)
    }
}

@Suite struct TargetSetTests {
    private func target(_ tenant: String? = nil, _ region: String? = nil) -> Target {
        Target(service: "orders", environment: "prod", tenant: tenant, region: region)
    }

    @Test func aNameWithFewerMembersMeansTheOneThatItFits() {
        let one = TargetSet(declared: [], seen: [target(), target("acme")])
        #expect(one.targets == [target("acme")])
        #expect(one.meaning(of: target()) == .target(target("acme")))
        let two = TargetSet(declared: [], seen: [target(), target("acme"), target("globex")])
        #expect(two.meaning(of: target()) == .ambiguous([target("acme"), target("globex")]))
        #expect(!two.isDeclared)
    }

    @Test func aNameThatSaysMoreThanWasDeclaredMeansTheDeclared() {
        let set = TargetSet(declared: [(target("acme"), true)], seen: [target("acme", "eu")])
        #expect(set.targets == [target("acme")])
        #expect(set.meaning(of: target("acme", "eu")) == .target(target("acme")))
        #expect(set.isDeclared)
    }

    @Test func whatIsRetiredCountsNoMoreUntilItIsAddedAgain() {
        let retired: [(Target, Bool)] = [(target("acme"), true), (target("acme"), false)]
        let set = TargetSet(declared: retired, seen: [target("acme"), target("globex")])
        #expect(set.targets == [target("globex")])
        #expect(set.meaning(of: target("acme")) == .retired)
        let again = TargetSet(declared: retired + [(target("acme"), true)], seen: [])
        #expect(again.targets == [target("acme")])
    }
}
