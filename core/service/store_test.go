package service_test

import (
	"context"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/ports"
)

// store is the store that SECRETARY_TEST_STORE names: memory, unless it says postgres.
type store interface {
	ports.Transactor
	ports.Locks
	ports.EventStorage
	Repositories() ports.Repositories
	Bus() ports.Bus
}

// calendar is the store's calendar, which a test can block and take away.
type calendar interface {
	ports.Calendar
	Block(cal agenda.Calendar, taken agenda.Interval) string
	Fail(err error)
}

// stored is an empty store with what goes with it.
type stored struct {
	store    store
	calendar calendar
	work     func(ports.JobHandler)         // does jobs until none is due by the test's clock
	find     func(words ...string) []string // says where in the store, and in its calendar, any of the words is
}

func openStore(t *testing.T, now func() time.Time) stored {
	t.Helper()
	if os.Getenv("SECRETARY_TEST_STORE") == "postgres" {
		s, jobs := pgtest.OpenWithJobs(t, now)
		return stored{s, pgtest.NewCalendar(t, s.Calendar()), jobs.Work, jobs.Find}
	}
	s := memory.New(memory.WithClock(now), memory.WithLogger(slog.New(slog.DiscardHandler)))
	events := memory.NewCalendar()
	find := func(words ...string) []string { return append(findIn(s, words), findIn(events, words)...) }
	return stored{s, events, func(handle ports.JobHandler) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Work(ctx, 4, nil, handle) }()
		idle, stop := context.WithTimeout(ctx, 20*time.Second)
		defer stop()
		if err := s.Idle(idle); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}, find}
}

// findIn returns the texts that are anywhere in a value, whatever it is made of, and hold any of the words.
func findIn(v any, words []string) []string {
	var found []string
	seen := map[uintptr]bool{}
	note := func(text string) {
		for _, word := range words {
			if strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
				found = append(found, text)
				return
			}
		}
	}
	var look func(reflect.Value)
	look = func(v reflect.Value) {
		if day, ok := dateIn(v); ok {
			note(day)
			return
		}
		switch v.Kind() { //nolint:exhaustive // the others hold no text
		case reflect.String:
			note(v.String())
		case reflect.Interface:
			look(v.Elem())
		case reflect.Pointer:
			if !v.IsNil() && !seen[v.Pointer()] {
				seen[v.Pointer()] = true
				look(v.Elem())
			}
		case reflect.Struct:
			if of, ok := atomically(v); ok {
				look(of)
			}
			for _, field := range v.Fields() {
				look(field)
			}
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				return // an id
			}
			for i := range v.Len() {
				look(v.Index(i))
			}
		case reflect.Map:
			for of := v.MapRange(); of.Next(); {
				look(of.Key())
				look(of.Value())
			}
		}
	}
	look(reflect.ValueOf(v))
	return found
}

// atomically is what an atomic pointer points to.
func atomically(v reflect.Value) (reflect.Value, bool) {
	if v.Type().PkgPath() != "sync/atomic" || !strings.HasPrefix(v.Type().Name(), "Pointer[") {
		return reflect.Value{}, false
	}
	return reflect.NewAt(v.Type().Field(0).Type.Elem().Elem(), v.FieldByName("v").UnsafePointer()), true
}

// dateIn is the date that a value is, as it is written.
func dateIn(v reflect.Value) (string, bool) {
	if !v.IsValid() || v.Type() != reflect.TypeFor[agenda.Date]() {
		return "", false
	}
	day := agenda.Date{Year: int(v.Field(0).Int()), Month: time.Month(v.Field(1).Int()), Day: int(v.Field(2).Int())}
	return day.String(), true
}
