"""What PostgreSQL's own parser says that statements touch.

usage: pglast_objects.py FILE.sql

Prints a JSON array for each statement: its text, and objects such as "create table shop.orders".
"""

import json
import sys

import pglast
from pglast import ast, enums

KINDS = {
    "TABLE": "table", "FOREIGN_TABLE": "table", "VIEW": "view", "MATVIEW": "view",
    "INDEX": "index", "SEQUENCE": "sequence", "FUNCTION": "function", "AGGREGATE": "function",
    "ROUTINE": "function", "PROCEDURE": "procedure", "TRIGGER": "trigger",
    "EVENT_TRIGGER": "trigger", "POLICY": "policy", "RULE": "rule", "TYPE": "type",
    "ATTRIBUTE": "type", "DOMAIN": "domain", "DOMCONSTRAINT": "domain", "SCHEMA": "schema",
    "DATABASE": "database", "ROLE": "role", "EXTENSION": "extension",
    "PUBLICATION": "publication", "SUBSCRIPTION": "subscription", "FOREIGN_SERVER": "server",
    "STATISTIC_EXT": "statistics", "TABLESPACE": "tablespace",
}
ON_TABLE = ("trigger", "policy", "rule")


def kind(value):
    return KINDS[enums.ObjectType(value).name.removeprefix("OBJECT_")]


def name(node):
    """`schema.name` of whatever names an object."""
    if isinstance(node, str):
        return node
    if isinstance(node, ast.String):
        return node.sval
    if isinstance(node, ast.RangeVar):
        return f"{node.schemaname}.{node.relname}" if node.schemaname else node.relname
    if isinstance(node, ast.ObjectWithArgs):
        return name(node.objname)
    if isinstance(node, ast.TypeName):
        return name(node.names)
    if isinstance(node, ast.RoleSpec):
        return node.rolename
    if isinstance(node, ast.AccessPriv):
        return node.priv_name
    return ".".join(name(part) for part in node[-2:])


def of_data(node):
    """INSERT, UPDATE, DELETE, MERGE, SELECT … INTO, and those within WITH."""
    found = []
    if getattr(node, "withClause", None):
        for query in node.withClause.ctes:
            found += of(query.ctequery)
    verbs = {ast.InsertStmt: "insert", ast.UpdateStmt: "update", ast.DeleteStmt: "delete",
             ast.MergeStmt: "merge"}
    if type(node) in verbs:
        found.append(f"{verbs[type(node)]} table {name(node.relation)}")
    elif node.intoClause:
        found.append(f"create table {name(node.intoClause.rel)}")
    return found


def of_rename(node):
    what = enums.ObjectType(node.renameType).name.removeprefix("OBJECT_")
    if what in ("COLUMN", "TABCONSTRAINT"):
        return [f"alter {kind(node.relationType) if what == 'COLUMN' else 'table'}"
                f" {name(node.relation)}"]
    if KINDS[what] in ON_TABLE:
        return [f"alter {KINDS[what]} {node.subname}", f"alter table {name(node.relation)}"]
    old = name(node.relation or node.object or node.subname)
    schema = old.rpartition(".")[0]
    new = f"{schema}.{node.newname}" if schema else node.newname
    return [f"rename {KINDS[what]} {old}", f"rename {KINDS[what]} {new}"]


def of_drop(node):
    what, found = kind(node.removeType), []
    for item in node.objects:
        if what in ON_TABLE and not isinstance(item, ast.String):
            found += [f"drop {what} {item[-1].sval}", f"alter table {name(item[:-1])}"]
        else:
            found.append(f"drop {what} {name(item)}")
    return found


def of_grant(node):
    verb = "grant" if node.is_grant else "revoke"
    if node.targtype == enums.GrantTargetType.ACL_TARGET_ALL_IN_SCHEMA:
        return [f"{verb} schema {name(item)}" for item in node.objects]
    if node.targtype != enums.GrantTargetType.ACL_TARGET_OBJECT:
        return []
    return [f"{verb} {kind(node.objtype)} {name(item)}" for item in node.objects]


def of_alter_table(node):
    return [f"alter {kind(node.objtype)} {name(node.relation)}"]


RULES = {
    ast.CreateStmt: lambda n: [f"create table {name(n.relation)}"],
    ast.CreateForeignTableStmt: lambda n: [f"create table {name(n.base.relation)}"],
    ast.CreateTableAsStmt: lambda n: [f"create {kind(n.objtype)} {name(n.into.rel)}"],
    ast.ViewStmt: lambda n: [f"create view {name(n.view)}"],
    ast.IndexStmt: lambda n: ([f"create index {n.idxname}"] if n.idxname else []) + [
        f"alter table {name(n.relation)}"],
    ast.CreateSeqStmt: lambda n: [f"create sequence {name(n.sequence)}"],
    ast.AlterSeqStmt: lambda n: [f"alter sequence {name(n.sequence)}"],
    ast.CreateSchemaStmt: lambda n: [f"create schema {n.schemaname or n.authrole.rolename}"],
    ast.CreatedbStmt: lambda n: [f"create database {n.dbname}"],
    ast.AlterDatabaseStmt: lambda n: [f"alter database {n.dbname}"],
    ast.AlterDatabaseSetStmt: lambda n: [f"alter database {n.dbname}"],
    ast.DropdbStmt: lambda n: [f"drop database {n.dbname}"],
    ast.CreateRoleStmt: lambda n: [f"create role {n.role}"],
    ast.AlterRoleStmt: lambda n: [f"alter role {name(n.role)}"],
    ast.AlterRoleSetStmt: lambda n: [f"alter role {name(n.role)}"],
    ast.DropRoleStmt: lambda n: [f"drop role {name(role)}" for role in n.roles],
    ast.CreateExtensionStmt: lambda n: [f"create extension {n.extname}"],
    ast.AlterExtensionStmt: lambda n: [f"alter extension {n.extname}"],
    ast.CreateEnumStmt: lambda n: [f"create type {name(n.typeName)}"],
    ast.CompositeTypeStmt: lambda n: [f"create type {name(n.typevar)}"],
    ast.CreateRangeStmt: lambda n: [f"create type {name(n.typeName)}"],
    ast.DefineStmt: lambda n: [f"create {kind(n.kind)} {name(n.defnames)}"],
    ast.AlterEnumStmt: lambda n: [f"alter type {name(n.typeName)}"],
    ast.CreateDomainStmt: lambda n: [f"create domain {name(n.domainname)}"],
    ast.AlterDomainStmt: lambda n: [f"alter domain {name(n.typeName)}"],
    ast.CreateFunctionStmt: lambda n: [
        f"create {'procedure' if n.is_procedure else 'function'} {name(n.funcname)}"],
    ast.AlterFunctionStmt: lambda n: [f"alter {kind(n.objtype)} {name(n.func)}"],
    ast.CreateTrigStmt: lambda n: [
        f"create trigger {n.trigname}", f"alter table {name(n.relation)}"],
    ast.CreateEventTrigStmt: lambda n: [f"create trigger {n.trigname}"],
    ast.AlterEventTrigStmt: lambda n: [f"alter trigger {n.trigname}"],
    ast.CreatePolicyStmt: lambda n: [
        f"create policy {n.policy_name}", f"alter table {name(n.table)}"],
    ast.AlterPolicyStmt: lambda n: [
        f"alter policy {n.policy_name}", f"alter table {name(n.table)}"],
    ast.RuleStmt: lambda n: [f"create rule {n.rulename}", f"alter table {name(n.relation)}"],
    ast.CreateStatsStmt: lambda n: [f"create statistics {name(n.defnames)}"] + [
        f"alter table {name(table)}" for table in n.relations],
    ast.AlterStatsStmt: lambda n: [f"alter statistics {name(n.defnames)}"],
    ast.CreatePublicationStmt: lambda n: [f"create publication {n.pubname}"],
    ast.AlterPublicationStmt: lambda n: [f"alter publication {n.pubname}"],
    ast.CreateSubscriptionStmt: lambda n: [f"create subscription {n.subname}"],
    ast.AlterSubscriptionStmt: lambda n: [f"alter subscription {n.subname}"],
    ast.DropSubscriptionStmt: lambda n: [f"drop subscription {n.subname}"],
    ast.CreateForeignServerStmt: lambda n: [f"create server {n.servername}"],
    ast.AlterForeignServerStmt: lambda n: [f"alter server {n.servername}"],
    ast.CreateTableSpaceStmt: lambda n: [f"create tablespace {n.tablespacename}"],
    ast.DropTableSpaceStmt: lambda n: [f"drop tablespace {n.tablespacename}"],
    ast.AlterTableStmt: of_alter_table,
    ast.AlterObjectSchemaStmt: lambda n: [
        f"alter {kind(n.objectType)} {name(n.relation or n.object)}"],
    ast.AlterOwnerStmt: lambda n: [f"alter {kind(n.objectType)} {name(n.relation or n.object)}"],
    ast.RenameStmt: of_rename,
    ast.DropStmt: of_drop,
    ast.TruncateStmt: lambda n: [f"truncate table {name(table)}" for table in n.relations],
    ast.GrantStmt: of_grant,
    ast.GrantRoleStmt: lambda n: [
        f"{'grant' if n.is_grant else 'revoke'} role {name(role)}" for role in n.granted_roles],
    ast.InsertStmt: of_data, ast.UpdateStmt: of_data, ast.DeleteStmt: of_data,
    ast.MergeStmt: of_data, ast.SelectStmt: of_data,
}


def of(node):
    return RULES.get(type(node), lambda _: [])(node)


text = open(sys.argv[1], encoding="utf-8").read()
for statement in pglast.split(text):
    tree = pglast.parse_sql(statement)
    print(json.dumps([statement, sorted(set(of(tree[0].stmt)))], ensure_ascii=False))
