package agenda_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
)

// searched is a clinic with the usual traps: namesakes, and specialities one letter apart.
func searched() agenda.Directory {
	clinic := agenda.Clinic{ID: id.New[agenda.Clinic](), Active: true}
	professional := func(order int, name, specialty string, keywords ...string) agenda.ClinicProfessional {
		return agenda.ClinicProfessional{
			ID: id.New[agenda.ClinicProfessional](), TenantID: clinic.ID, Name: name, Specialty: specialty,
			SpecialtyKeywords: keywords, DisplayOrder: order, Active: true,
		}
	}
	joao := professional(0, "Dr. João Silva", "Cardiologista", "coração", "pressão")
	maria := professional(1, "Dra. Maria Costa", "Dermatologista", "pele", "manchas", "queda de cabelo")
	pedro := professional(2, "Dr. Pedro Santos", "Clínico Geral", "febre")
	ana := professional(3, "Dra. Ana Maria da Silva", "Cardiologia pediátrica", "coração de criança")
	rui := professional(4, "Dr. Rui Prado", "Neurologista")
	service := func(of agenda.ClinicProfessional, name string, keywords ...string) agenda.Service {
		return agenda.Service{ID: id.New[agenda.Service](), ProfessionalID: of.ID, TenantID: clinic.ID, Name: name, Keywords: keywords, Active: true}
	}
	return agenda.NewDirectory(clinic, []agenda.ClinicProfessional{joao, maria, pedro, ana, rui}, []agenda.Service{
		service(maria, "Botox", "toxina", "rugas"), service(maria, "Limpeza de pele"),
		service(joao, "Eletrocardiograma", "ecg"), service(ana, "Eletrocardiograma", "ecg"),
	})
}

// first names each match by its reason, the professional's name and the service's.
func first(found []agenda.Match) string {
	var b strings.Builder
	for _, m := range found {
		b.WriteString(m.Reason + " " + m.Professional.Name)
		if m.Service != nil {
			b.WriteString(" / " + m.Service.Name)
		}
		b.WriteString("; ")
	}
	return b.String()
}

func TestFindTakesTheFirstKindThatMatches(t *testing.T) {
	t.Parallel()
	d := searched()
	for q, want := range map[string]string{
		"Dr. Santos":                 "name Dr. Pedro Santos; ",
		"doutora costa":              "name Dra. Maria Costa; ",
		"MARIA":                      "name Dra. Maria Costa; name Dra. Ana Maria da Silva; ",
		"joao sliva":                 "name Dr. João Silva; ",
		"quero consulta com dr joão": "name Dr. João Silva; ",
		"Maria Santos":               "",
		"neurologia":                 "specialty Dr. Rui Prado; ",
		"nefrologia":                 "",
		"urologista":                 "",
		"cardilogia":                 "specialty Dr. João Silva; specialty Dra. Ana Maria da Silva; ",
		"quero um bom cardiologista": "specialty Dr. João Silva; specialty Dra. Ana Maria da Silva; ",
		"clinica geral":              "specialty Dr. Pedro Santos; ",
		"médico de pele":             "specialty Dra. Maria Costa; ",
		"botox":                      "service Dra. Maria Costa / Botox; ",
		"bottox":                     "service Dra. Maria Costa / Botox; ",
		"RUGAS":                      "service Dra. Maria Costa / Botox; ",
		"limpeza":                    "service Dra. Maria Costa / Limpeza de pele; ",
		"fazer limpeza de pele":      "service Dra. Maria Costa / Limpeza de pele; ",
		"ecg":                        "service Dr. João Silva / Eletrocardiograma; service Dra. Ana Maria da Silva / Eletrocardiograma; ",
		"pele":                       "keyword Dra. Maria Costa; ",
		"mancha":                     "keyword Dra. Maria Costa; ",
		"queda de cabelo":            "keyword Dra. Maria Costa; ",
		"febre alta":                 "keyword Dr. Pedro Santos; ",
		"":                           "",
		"  ":                         "",
		"%":                          "",
		"_":                          "",
		"%botox%":                    "service Dra. Maria Costa / Botox; ",
		"dra":                        "",
		"'; DROP TABLE services; --": "",
		strings.Repeat("ç", 5000):    "",
	} {
		if diff := cmp.Diff(want, first(d.Find(q))); diff != "" {
			t.Errorf("Find(%q) (-want +got):\n%s", q, diff)
		}
	}
}

func TestFindByOneKindIgnoresTheOthers(t *testing.T) {
	t.Parallel()
	d := searched()
	if got := first(d.FindByName("botox")); got != "" {
		t.Errorf("FindByName(botox) = %s, want nothing", got)
	}
	if got := first(d.FindByService("cardiologista")); got != "" {
		t.Errorf("FindByService(cardiologista) = %s, want nothing", got)
	}
	if got, want := first(d.FindBySpecialty("coração")), "keyword Dr. João Silva; "; got != want {
		t.Errorf("FindBySpecialty(coração) = %s, want %s", got, want)
	}
	if got := first(d.FindBySpecialty("João")); got != "" {
		t.Errorf("FindBySpecialty(João) = %s, want nothing", got)
	}
}

func TestFindPutsTheBetterMatchFirst(t *testing.T) {
	t.Parallel()
	found := searched().Find("silva")
	if got, want := first(found), "name Dr. João Silva; name Dra. Ana Maria da Silva; "; got != want {
		t.Fatalf("Find = %s, want %s", got, want)
	}
	if found[0].Score <= found[1].Score || found[0].Score > 1 {
		t.Errorf("scores = %v, %v; want the first higher, at most 1", found[0].Score, found[1].Score)
	}
}

func TestSearchOfAnEmptyDirectoryFindsNothing(t *testing.T) {
	t.Parallel()
	var d agenda.Directory
	for _, q := range []string{"", "maria", "cardiologista", "botox", "pele"} {
		if found := d.Find(q); len(found) != 0 {
			t.Errorf("Find(%q) = %v, want nothing", q, found)
		}
	}
}

func TestADeactivatedClinicOffersNobody(t *testing.T) {
	t.Parallel()
	d := searched()
	d.Clinic.Active = false
	for _, q := range []string{"maria", "cardiologista", "botox", "pele"} {
		if found := append(append(append(d.Find(q), d.FindByName(q)...), d.FindBySpecialty(q)...), d.FindByService(q)...); len(found) != 0 {
			t.Errorf("%q finds %s, want nothing", q, first(found))
		}
	}
}

func BenchmarkFind(b *testing.B) {
	d := searched()
	for b.Loop() {
		d.Find("preciso de um dermatolgista")
	}
}
