package mcpserver

import (
	"context"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// tool is what clients are told of a tool besides its arguments.
type tool struct {
	name  string
	title string // for people
	about string // for the model

	reads       bool // it changes nothing
	destroys    bool // it takes away or replaces what was there
	again       bool // calling it again with the same arguments changes nothing more
	ofEverybody bool // it is about the whole clinic: whoever is bound to one professional does not have it
}

// whose are the arguments that say whose agenda is meant. A bound caller has none of them.
func whose() []string {
	return []string{"calendarId", "calendars", "professionalId", "professional", "specialty"}
}

// add adds a tool to both sets.
func add[In, Out any](s *Server, t tool, do func(context.Context, caller, In) (Out, error)) {
	handler := func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, Out, error) {
		out, err := do(ctx, callerOf(ctx), in)
		if err != nil {
			var none Out
			return nil, none, s.refusal(ctx, t.name, err)
		}
		return nil, out, nil
	}
	declare := func(without ...string) *mcp.Tool {
		closed := false
		return &mcp.Tool{
			Name: t.name, Title: t.title, Description: t.about,
			InputSchema: schemaOf[In](without...), OutputSchema: schemaOf[Out](),
			Annotations: &mcp.ToolAnnotations{
				Title: t.title, ReadOnlyHint: t.reads, DestructiveHint: &t.destroys, IdempotentHint: t.reads || t.again, OpenWorldHint: &closed,
			},
		}
	}
	mcp.AddTool(s.everybody, declare(), handler)
	if !t.ofEverybody {
		mcp.AddTool(s.one, declare(whose()...), handler)
	}
}

// schemaOf is the schema of a type, without some of its properties. Nothing in it may be null: several models' APIs refuse
// types that are lists.
func schemaOf[T any](without ...string) *jsonschema.Schema {
	schema, err := jsonschema.For[T](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[status](): enum(statuses()),
		reflect.TypeFor[reason](): enum(reasons()),
	}})
	if err != nil {
		panic(err)
	}
	gone := func(name string) bool { return slices.Contains(without, name) }
	for _, name := range without {
		delete(schema.Properties, name)
	}
	schema.PropertyOrder = slices.DeleteFunc(schema.PropertyOrder, gone)
	schema.Required = slices.DeleteFunc(schema.Required, gone)
	neverNull(schema)
	return schema
}

func enum[T ~string](values []T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

func neverNull(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if types := slices.DeleteFunc(slices.Clone(s.Types), func(t string) bool { return t == "null" }); len(types) == 1 {
		s.Type, s.Types = types[0], nil
	}
	neverNull(s.Items)
	for _, property := range s.Properties {
		neverNull(property)
	}
}
