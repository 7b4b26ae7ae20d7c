package postgres_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
)

// Which statements there are is found out in two ways, so that a new one cannot be forgotten: the repositories are called
// with every combination of what they can be asked, on a recorder instead of a database; and the source is read for
// statements that are written down in one piece. Then each piece of SQL in the source must be a part of one of them.

// queries returns the distinct statements of the package.
func queries(t *testing.T) []string {
	t.Helper()
	source := readSource(t)
	seen := append(recordedQueries(t).Statements, source.whole...)
	for i, sql := range seen {
		seen[i] = oneLine(sql)
	}
	slices.Sort(seen)
	seen = slices.Compact(seen)
	for _, p := range source.pieces {
		// This one looks for a row in a partition that is being removed, whose name the catalogue tells.
		if p.partOf(`SELECT relispartition, EXISTS (SELECT FROM `) || p.partOf(`) FROM pg_class WHERE oid = $1::text::regclass`) {
			continue
		}
		if !slices.ContainsFunc(seen, p.partOf) {
			t.Errorf("%s: no statement that is known to the test has the part\n\t%s", p.at, p.sql)
		}
	}
	return seen
}

func oneLine(sql string) string { return strings.Join(strings.Fields(sql), " ") }

// recordedQueries calls every method of every repository, by itself and in a transaction.
func recordedQueries(t *testing.T) postgres.Recorder {
	t.Helper()
	var r postgres.Recorder
	all := reflect.ValueOf(r.Repositories())
	for _, r.InTx = range []bool{false, true} {
		for i := range all.NumField() {
			repository := all.Field(i).Elem()
			for method := range all.Type().Field(i).Type.Methods() {
				callWithEverything(t, all.Type().Field(i).Name+"."+method.Name, repository.MethodByName(method.Name))
			}
		}
	}
	return r
}

// callWithEverything calls a method with every combination of its arguments' examples. A list is read on, too, with a
// page of another size.
func callWithEverything(t *testing.T, name string, method reflect.Value) {
	t.Helper()
	choices := make([][]reflect.Value, method.Type().NumIn())
	for i := range choices {
		choices[i] = examples(t, method.Type().In(i))
	}
	for args := range product(choices) {
		call := method.Call
		if method.Type().IsVariadic() {
			call = method.CallSlice
		}
		results := call(args)
		err, _ := reflect.TypeAssert[error](results[len(results)-1])
		if kind := errs.KindOf(err); err != nil && kind != errs.NotFound && kind != errs.Conflict && errs.CodeOf(err) != "idempotency-key-lost" {
			t.Fatalf("%s%v: got error %v", name, args[1:], err)
		}
		if !strings.HasSuffix(name, ".List") {
			continue
		}
		next := results[0].FieldByName("NextCursor").String()
		if next == "" {
			t.Fatalf("%s%v: got no cursor", name, args[1:])
		}
		args[len(args)-1] = reflect.ValueOf(page.Request{Limit: page.MaxLimit, Cursor: next})
		if err := method.Call(args)[1]; !err.IsNil() {
			t.Fatalf("%s, the next page: got error %v", name, err)
		}
	}
}

// product yields every way to choose one of each.
func product(choices [][]reflect.Value) func(yield func([]reflect.Value) bool) {
	return func(yield func([]reflect.Value) bool) {
		at := make([]int, len(choices))
		for {
			chosen := make([]reflect.Value, len(choices))
			for i := range choices {
				chosen[i] = choices[i][at[i]]
			}
			if !yield(chosen) {
				return
			}
			i := 0
			for i < len(at) {
				if at[i]++; at[i] < len(choices[i]) {
					break
				}
				at[i] = 0
				i++
			}
			if i == len(at) {
				return
			}
		}
	}
}

// examples are the values of a type that may lead to different statements: something and nothing, and of a filter all
// combinations.
func examples(t *testing.T, of reflect.Type) []reflect.Value {
	t.Helper()
	switch of {
	case reflect.TypeFor[context.Context]():
		return []reflect.Value{reflect.ValueOf(t.Context())}
	case reflect.TypeFor[identity.Scope]():
		return []reflect.Value{reflect.ValueOf(identity.AllEntities()), reflect.ValueOf(identity.OnlyEntity(1))}
	case reflect.TypeFor[page.Request]():
		return []reflect.Value{reflect.ValueOf(page.Request{})}
	case reflect.TypeFor[*bool]():
		yes, no := true, false
		return []reflect.Value{reflect.ValueOf((*bool)(nil)), reflect.ValueOf(&yes), reflect.ValueOf(&no)}
	}
	switch {
	case of.Kind() == reflect.Func && of.In(0).Kind() != reflect.Pointer: // it is told of a row
		return []reflect.Value{reflect.MakeFunc(of, func([]reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.Zero(of.Out(0))}
		})}
	case of.Kind() == reflect.Func: // it changes a record
		leave := reflect.MakeFunc(of, func([]reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.Zero(of.Out(0))}
		})
		change := reflect.MakeFunc(of, func(args []reflect.Value) []reflect.Value {
			before := args[0].Elem().Interface()
			args[0].Elem().Set(something(of.In(0).Elem()))
			if room, ok := reflect.TypeAssert[*conference.Room](args[0]); ok { // it stays where it is
				was, _ := before.(conference.Room)
				room.EntityID, room.DepartmentID = was.EntityID, was.DepartmentID
			}
			return []reflect.Value{reflect.Zero(of.Out(0))}
		})
		return []reflect.Value{leave, change}
	case of == reflect.TypeFor[metering.ReportQuery]():
		var all []reflect.Value
		for _, by := range metering.Groups() {
			for _, entity := range []clinic.EntityID{0, 1} {
				for _, room := range []conference.RoomID{0, 1} {
					q := metering.ReportQuery{EntityID: entity, RoomID: room, GroupBy: by, From: time.Now(), To: time.Now()}
					all = append(all, reflect.ValueOf(q))
					q.DepartmentID, q.ParticipantID = 1, 1
					all = append(all, reflect.ValueOf(q))
				}
			}
		}
		return all
	case strings.HasSuffix(of.Name(), "Filter"):
		choices := make([][]reflect.Value, of.NumField())
		for i := range choices {
			choices[i] = examples(t, of.Field(i).Type)
		}
		var all []reflect.Value
		for fields := range product(choices) {
			filter := reflect.New(of).Elem()
			for i, v := range fields {
				filter.Field(i).Set(v)
			}
			all = append(all, filter)
		}
		return all
	}
	return []reflect.Value{reflect.Zero(of), something(of)}
}

// something is a value that is not zero, and has no zero in it. Of two times the one that is made later is later.
func something(of reflect.Type) reflect.Value {
	v := reflect.New(of).Elem()
	switch of {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Now()))
		return v
	case reflect.TypeFor[agenda.AppointmentStatus]():
		v.SetString(string(agenda.Held))
		return v
	}
	switch of.Kind() { //nolint:exhaustive // what the ports take
	case reflect.String:
		v.SetString("{}") // also where JSON is wanted
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Array:
		for i := range of.Len() {
			v.Index(i).Set(something(of.Elem()))
		}
	case reflect.Slice:
		v.Set(reflect.Append(v, something(of.Elem())))
	case reflect.Pointer:
		v.Set(reflect.New(of.Elem()))
		v.Elem().Set(something(of.Elem()))
	case reflect.Struct:
		for i := range of.NumField() {
			if of.Field(i).IsExported() {
				v.Field(i).Set(something(of.Field(i).Type))
			}
		}
	}
	return v
}

// source is the SQL in the package's files.
type source struct {
	whole  []string // statements that are the argument of a call, in one piece or put together of constants
	pieces []piece
	consts map[string]ast.Expr // the package's
}

// piece is one string with SQL in it.
type piece struct {
	at      string
	sql     string
	pattern *regexp.Regexp // of the statements that have it as a part
}

func (p piece) partOf(sql string) bool { return p.pattern.MatchString(sql) }

func readSource(t *testing.T) source {
	t.Helper()
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	s, files := source{consts: map[string]ast.Expr{}}, token.NewFileSet()
	var parsed []*ast.File
	for _, name := range names {
		if !strings.HasSuffix(name.Name(), ".go") || strings.HasSuffix(name.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
		for _, d := range file.Decls {
			if d, is := d.(*ast.GenDecl); is && d.Tok == token.CONST {
				for _, spec := range d.Specs {
					for i, v := range spec.(*ast.ValueSpec).Values {
						s.consts[spec.(*ast.ValueSpec).Names[i].Name] = v
					}
				}
			}
		}
	}
	statement := regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)
	part := regexp.MustCompile(`\b(SELECT|INSERT|UPDATE|DELETE|FROM|JOIN|WHERE|EXISTS|VALUES|RETURNING|ORDER BY|LIMIT)\b`)
	for _, file := range parsed {
		for n := range ast.Preorder(file) {
			switch n := n.(type) {
			case *ast.CallExpr:
				for _, arg := range n.Args {
					if sql, is := s.text(arg); is && statement.MatchString(sql) {
						s.whole = append(s.whole, sql)
					}
				}
			case *ast.BasicLit:
				if sql, is := s.text(n); is && part.MatchString(sql) {
					s.pieces = append(s.pieces, newPiece(files.Position(n.Pos()), oneLine(sql)))
				}
			}
		}
	}
	return s
}

func newPiece(at token.Position, sql string) piece {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(sql), `\?`, `\$\d+`)
	return piece{at: fmt.Sprintf("%s:%d", at.Filename, at.Line), sql: sql, pattern: regexp.MustCompile(pattern)}
}

// text is a string that is put together of literals and of the package's constants.
func (s *source) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		if v, is := s.consts[e.Name]; is {
			return s.text(v)
		}
	case *ast.BinaryExpr:
		x, isX := s.text(e.X)
		y, isY := s.text(e.Y)
		return x + y, isX && isY && e.Op == token.ADD
	}
	return "", false
}
