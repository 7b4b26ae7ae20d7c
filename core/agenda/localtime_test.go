package agenda_test

import (
	"encoding/json"
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

func TestParseLocalTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]agenda.LocalTime{
		"08:00": 480, "8:00": 480, "08:00:00": 480, "00:00": 0, "0:05": 5, "23:59": 1439, "24:00": agenda.EndOfDay, "24:00:00": 1440,
	} {
		if got, err := agenda.ParseLocalTime(text); err != nil || got != want {
			t.Errorf("ParseLocalTime(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", ":", "8", "8:0", "08:60", "24:01", "25:00", "-1:00", "+8:00", "08:00:30", "08:00:", "08:00:00:00", "008:00", " 8:00", "08h00", "٠٨:٠٠",
	} {
		if got, err := agenda.ParseLocalTime(text); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-time" {
			t.Errorf("ParseLocalTime(%q) = %d, %v, want invalid-time", text, got, err)
		}
	}
}

func TestLocalTimeAsText(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(agenda.Window{Start: 485, End: agenda.EndOfDay})
	if want := `{"Start":"08:05","End":"24:00"}`; err != nil || string(raw) != want {
		t.Fatalf("Marshal = %s, %v, want %s", raw, err, want)
	}
	var back agenda.Window
	if err := json.Unmarshal(raw, &back); err != nil || back.Start != 485 || back.End != 1440 {
		t.Errorf("Unmarshal = %v, %v", back, err)
	}
	for _, outside := range []agenda.LocalTime{-1, 1441} {
		if _, err := outside.MarshalText(); errs.CodeOf(err) != "invalid-time" {
			t.Errorf("MarshalText of %d: %v, want invalid-time", outside, err)
		}
	}
	kept := agenda.LocalTime(7)
	if err := kept.UnmarshalText([]byte("7h")); err == nil || kept != 7 {
		t.Errorf("UnmarshalText of a bad time: %v, value %d, want an error and 7", err, kept)
	}
}

func FuzzParseLocalTime(f *testing.F) {
	for _, seed := range []string{"08:00", "8:00", "24:00", "08:00:00", "24:01", "x", "1:2:3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := agenda.ParseLocalTime(text)
		if err != nil {
			if errs.CodeOf(err) != "invalid-time" || got != 0 {
				t.Fatalf("ParseLocalTime(%q) = %d, %v, want 0 and invalid-time", text, got, err)
			}
			return
		}
		if !got.IsValid() {
			t.Fatalf("ParseLocalTime(%q) = %d, outside the day", text, got)
		}
		canonical := got.String()
		if text != canonical && "0"+text != canonical && text != canonical+":00" && "0"+text != canonical+":00" {
			t.Fatalf("ParseLocalTime(%q) is read as %s", text, canonical)
		}
		if again, err := agenda.ParseLocalTime(canonical); err != nil || again != got {
			t.Fatalf("%s is read as %d, %v, want %d", canonical, again, err, got)
		}
	})
}
