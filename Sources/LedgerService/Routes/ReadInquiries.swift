import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations

// ReadInquiries.swift
//
//    GET /v1/status        where every change stands (StatusInquiry.swift)
//    GET /v1/diff          what one place has and another has not (DiffInquiry.swift)
//    GET /v1/findings      what is wrong (CheckInquiry.swift)
//    GET /v1/declarations  paths, targets and the policy in force (DeclarationsInquiry.swift)
//    GET /v1/gate          whether a change may go to an environment (GateInquiry.swift); POST
//                          asks of several (GateRoute.swift)
//    GET /v1/freezes       when nothing is to be deployed
//    GET /v1/rollback-coverage   which changes can be undone (CoverageInquiry.swift)
//    GET /v1/links         which changes are one under several names (LinksInquiry.swift)
//    GET /v1/rollback-plan       how one change is undone (RollbackPlanInquiry.swift)
//    GET /v1/rollback-steps      what has to be undone to go back (RollbackStepsInquiry.swift)
//    GET /v1/holds         for what nothing is to be erased (HoldInquiry.swift)
//    GET /v1/person        where the ledger knows of a person (PersonInquiry.swift)
//    GET /v1/subject       everything that it knows of a person (SubjectInquiry.swift)
//    GET /v1/archives      what was archived (ArchivesInquiry.swift)
//    GET /v1/why           what changed before a moment, the most suspect first (WhyInquiry.swift)
//
// Each takes the parameters of its inquiry and answers with its reply's JSON.

struct ReadInquiries: Sendable {
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers

    func add(to router: RouterGroup<LedgerContext>) {
        add(StatusInquiry.self, to: router)
        add(DiffInquiry.self, to: router)
        add(CheckInquiry.self, to: router)
        add(DeclarationsInquiry.self, to: router)
        add(GateInquiry.self, to: router)
        add(FreezeInquiry.self, to: router)
        add(CoverageInquiry.self, to: router)
        add(LinksInquiry.self, to: router)
        add(RollbackPlanInquiry.self, to: router)
        add(RollbackStepsInquiry.self, to: router)
        add(WhyInquiry.self, to: router)
        add(HoldInquiry.self, to: router)
        add(PersonInquiry.self, to: router)
        add(SubjectInquiry.self, to: router)
        add(ArchivesInquiry.self, to: router)
    }

    private func add<Asked: Inquiry>(
        _ type: Asked.Type, to router: RouterGroup<LedgerContext>
    ) {
        router.get(RouterPath(Asked.route)) { request, context -> Response in
            let access =
                Asked.isOpenToWriters
                ? try await doorkeeper.anyone(request, context)
                : try await doorkeeper.reader(request, context)
            let inquiry = try Asked(checking: request.uri.decodedParameters())
            let reply = try await workers.run {
                try await views.open(access.role).reply(to: inquiry)
            }
            return .json(reply.json)
        }
    }
}
