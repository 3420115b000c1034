"""geth's GraphQL over a simulated chain.

Belongs here: checking a query against the schema, and turning it into plain functions over blocks. Does not: where a
field comes from (`graphql_fields.py`), HTTP, or what goes wrong on request.
graphql-core parses and checks; its executor resolves field by field, which takes seconds for one dense block, so the
selections are compiled once per request and then applied.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import get_argument_values, get_directive_values, get_variable_values

from whale_assets.simulator.chain import Json, SimulatedChain
from whale_assets.simulator.graphql_fields import FieldError, getter
from whale_assets.simulator.graphql_schema import SCHEMA

Project = Callable[[Any], Any]


class Asked(msgspec.Struct, rename="camel"):
    """The body of a request."""

    query: str = ""
    operation_name: str | None = None
    variables: dict[str, Any] | None = None


def respond(chain: SimulatedChain, asked: Asked, decimal_longs: bool = False) -> Json:
    """The answer, with `errors` where there are any; `decimal_longs` says a `Long` as a number, as old geth did."""
    try:
        document = _checked(asked.query)
        operation = _operation(document, asked.operation_name)
        variables = get_variable_values(SCHEMA, operation.variable_definitions or (), asked.variables or {})
        if isinstance(variables, list):
            raise QueryError(variables)
    except QueryError as wrong:
        return {"errors": [_said(error) for error in wrong.errors]}
    return _Execution(chain, document, variables, decimal_longs).run(operation)


class QueryError(Exception):
    """A query that is wrong before anything is looked up."""

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        super().__init__()
        self.errors = list(errors)


@lru_cache(maxsize=64)
def _checked(query: str) -> DocumentNode:
    try:
        document = parse(query, no_location=False)
    except GraphQLError as error:
        raise QueryError([error]) from error
    errors = validate(SCHEMA, document, [*specified_rules, NoSchemaIntrospectionCustomRule])
    if errors:
        raise QueryError(errors)
    return document


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if not name or (node.name and node.name.value == name)]
    if not named:
        raise QueryError([GraphQLError(f'no operation with name "{name}"')])
    if len(named) > 1:
        raise QueryError([GraphQLError("more than one operation in query document and no operation name given")])
    return named[0]


def _said(error: GraphQLError) -> Json:
    message = error.message.replace("'", '"')  # as geth quotes
    locations = [{"line": place.line, "column": place.column} for place in error.locations or []]
    return {"message": message} | ({"locations": locations} if locations else {})


class _Execution:
    """One operation, compiled type by type into functions over the chain's values."""

    def __init__(
        self, chain: SimulatedChain, document: DocumentNode, variables: dict[str, Any], decimal_longs: bool
    ) -> None:
        self.chain = chain
        self.variables = variables
        self.decimal_longs = decimal_longs
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def run(self, operation: OperationDefinitionNode) -> Json:
        """Data and errors: what fails is null, and takes all with it where the schema allows no null."""
        root = cast(GraphQLObjectType, SCHEMA.query_type)
        selected = self.fields([operation.selection_set])
        try:
            getters = {key: self.field(root, nodes) for key, nodes in selected.items()}
        except FieldError as wrong:
            return {"errors": [{"message": str(wrong)}], "data": {}}
        data: Json | None = {}
        errors: list[Json] = []
        for key, get in getters.items():
            try:
                value = get(None)
            except (FieldError, KeyError) as failure:
                message = str(failure) if isinstance(failure, FieldError) else f"not recorded: {failure}"
                errors.append({"message": message, "path": [key]})
                value = None
                if is_non_null_type(root.fields[selected[key][0].name.value].type):
                    data = None
            if data is not None:
                data[key] = value
        return {"errors": errors, "data": data} if errors else {"data": data}

    def project(self, parent: GraphQLObjectType, selection_sets: list[SelectionSetNode]) -> Project:
        """From a value of `parent` to the dict of what is selected."""
        fields = [(key, self.field(parent, nodes)) for key, nodes in self.fields(selection_sets).items()]
        return lambda value: {key: get(value) for key, get in fields}

    def field(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> Project:
        """From a value of `parent` to the answer of one field of it."""
        name = nodes[0].name.value
        if name == "__typename":
            return lambda _: parent.name
        definition = parent.fields[name]
        arguments = get_argument_values(definition, nodes[0], self.variables)
        selected = [node.selection_set for node in nodes if node.selection_set]
        asked = self.names(selected)
        nullable = not is_non_null_type(definition.type)
        get = getter(self.chain, (parent.name, name), nullable, arguments, asked)
        if is_leaf_type(get_named_type(definition.type)):
            return self.leaf(definition.type, get)
        inner = cast(GraphQLObjectType, get_named_type(definition.type))
        return _nested(get, self.project(inner, selected), is_list_type(get_nullable_type(definition.type)))

    def leaf(self, kind: GraphQLOutputType, get: Project) -> Project:
        """A number, a hash, some bytes, or a list of them."""
        if not self.decimal_longs or get_named_type(kind).name != "Long":
            return get
        return lambda value: None if (number := get(value)) is None else int(number, 16)

    def fields(self, selection_sets: Iterable[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """The selected fields by the key of their answer, fragments unfolded."""
        found: dict[str, list[FieldNode]] = {}
        for selection_set in selection_sets:
            for node in self.unfolded(selection_set):
                found.setdefault((node.alias or node.name).value, []).append(node)
        return found

    def unfolded(self, selection_set: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if self.left_out(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self.unfolded(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield from self.unfolded(self.fragments[node.name.value].selection_set)

    def left_out(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return bool((skip and skip["if"]) or (include and not include["if"]))

    def names(self, selection_sets: Iterable[SelectionSetNode]) -> set[str]:
        return {node.name.value for selection_set in selection_sets for node in self.unfolded(selection_set)}


def _nested(get: Project, project: Project, is_list: bool) -> Project:
    """The answer for an object or a list of them: null where there is none."""

    def one(value: Any) -> Any:
        inner = get(value)
        return None if inner is None else project(inner)

    def many(value: Any) -> Any:
        inner = get(value)
        return None if inner is None else [project(item) for item in inner]

    return many if is_list else one
