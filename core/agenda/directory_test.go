package agenda_test

import (
	"slices"
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
)

func namesOf(d agenda.Directory) (professionals, services []string) {
	for _, p := range d.Professionals {
		professionals = append(professionals, p.Name)
	}
	for _, s := range d.Services {
		services = append(services, s.Name)
	}
	return professionals, services
}

func TestDirectoryHasDisplayOrder(t *testing.T) {
	t.Parallel()
	at, maria, joao, botox := xyz()
	ana, bia := maria, maria
	ana.ID, ana.Name, ana.DisplayOrder = id.New[agenda.ClinicProfessional](), "Dra. Ana", 1
	bia.ID, bia.Name, bia.DisplayOrder = id.New[agenda.ClinicProfessional](), "Dra. Bia", 0
	acid := botox
	acid.ID, acid.Name = id.New[agenda.Service](), "Ácido hialurônico"
	peel := botox
	peel.ID, peel.Name = id.New[agenda.Service](), "Peeling"
	given := []agenda.ClinicProfessional{maria, ana, bia, joao}
	professionals, services := namesOf(agenda.NewDirectory(at, given, []agenda.Service{peel, acid, botox}))
	if want := []string{"Dr. João Silva", "Dra. Bia", "Dra. Ana", "Dra. Maria Costa"}; !slices.Equal(professionals, want) {
		t.Errorf("professionals %q, want %q", professionals, want)
	}
	if want := []string{"Ácido hialurônico", "Botox", "Peeling"}; !slices.Equal(services, want) {
		t.Errorf("services %q, want %q", services, want)
	}
	if given[0].Name != maria.Name || given[3].Name != joao.Name {
		t.Error("the caller's list was sorted")
	}
}

func TestServicesOfOneNameFollowTheirProfessionals(t *testing.T) {
	t.Parallel()
	at, maria, joao, botox := xyz()
	his, hers := botox, botox
	his.ID, his.ProfessionalID, his.Name = id.New[agenda.Service](), joao.ID, "Avaliação"
	hers.ID, hers.Name = id.New[agenda.Service](), "avaliac\u0327a\u0303o"
	for _, given := range [][]agenda.Service{{his, hers, botox}, {botox, hers, his}} {
		d := agenda.NewDirectory(at, []agenda.ClinicProfessional{maria, joao}, given)
		if len(d.Services) != 3 || d.Services[0].ID != his.ID || d.Services[1].ID != hers.ID || d.Services[2].ID != botox.ID {
			t.Errorf("services %v, want João's, Maria's, Botox", d.Services)
		}
	}
}

func TestDirectoryKeepsOnlyWhatIsOffered(t *testing.T) {
	t.Parallel()
	at, maria, joao, botox := xyz()
	gone := joao
	gone.ID, gone.Name, gone.Active = id.New[agenda.ClinicProfessional](), "Dr. Gone", false
	elsewhere := joao
	elsewhere.ID, elsewhere.Name, elsewhere.TenantID = id.New[agenda.ClinicProfessional](), "Dr. Elsewhere", id.New[agenda.Clinic]()
	service := func(name string, of agenda.ClinicProfessionalID, active bool) agenda.Service {
		return agenda.Service{ID: id.New[agenda.Service](), Name: name, ProfessionalID: of, TenantID: at.ID, Active: active}
	}
	withdrawn := service("Withdrawn", maria.ID, false)
	ofGone := service("Of a professional who left", gone.ID, true)
	ofElsewhere := service("Of another clinic", elsewhere.ID, true)
	ofNobody := service("Of nobody", agenda.ClinicProfessionalID{}, true)
	d := agenda.NewDirectory(at, []agenda.ClinicProfessional{maria, gone, elsewhere, joao}, []agenda.Service{withdrawn, ofGone, ofElsewhere, ofNobody, botox})

	professionals, services := namesOf(d)
	if want := []string{joao.Name, maria.Name}; !slices.Equal(professionals, want) {
		t.Errorf("professionals %q, want %q", professionals, want)
	}
	if want := []string{"Botox"}; !slices.Equal(services, want) {
		t.Errorf("services %q, want %q", services, want)
	}
	for _, key := range []agenda.ClinicProfessionalID{gone.ID, elsewhere.ID, {}} {
		if p, ok := d.Professional(key); ok || p.Name != "" {
			t.Errorf("%q is offered", p.Name)
		}
	}
	for _, key := range []agenda.ServiceID{withdrawn.ID, ofGone.ID, ofElsewhere.ID, ofNobody.ID, {}} {
		if s, ok := d.Service(key); ok || s.Name != "" {
			t.Errorf("%q is offered", s.Name)
		}
	}
	if p, ok := d.Professional(maria.ID); !ok || p.GoogleCalendarID != maria.GoogleCalendarID {
		t.Errorf("Maria is %+v, %t", p, ok)
	}
	if s, ok := d.Service(botox.ID); !ok || s.Name != "Botox" {
		t.Errorf("Botox is %+v, %t", s, ok)
	}
	if got := d.ServicesOf(maria.ID); len(got) != 1 || got[0].ID != botox.ID {
		t.Errorf("Maria offers %v, want Botox", got)
	}
	if got := d.ServicesOf(joao.ID); len(got) != 0 {
		t.Errorf("João offers %v, want nothing", got)
	}
}
