package main

import (
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
)

// context is what the messages are understood in: an idle conversation of a clinic with a cardiologist, a dermatologist
// who does Botox, and a general practitioner.
func context() reception.Context {
	c := agenda.Clinic{ID: id.New[agenda.Clinic]()}
	professional := func(name, specialty string, keywords ...string) agenda.ClinicProfessional {
		return agenda.ClinicProfessional{
			ID: id.New[agenda.ClinicProfessional](), TenantID: c.ID, Name: name, Specialty: specialty, SpecialtyKeywords: keywords, Active: true,
		}
	}
	dermatologist := professional("Dra. Maria Costa", "Dermatologista", "pele", "manchas", "dermatologia")
	botox := agenda.Service{
		ID: id.New[agenda.Service](), ProfessionalID: dermatologist.ID, TenantID: c.ID, Name: "Botox", Keywords: []string{"toxina", "rugas"}, Active: true,
	}
	return reception.Context{
		Directory: agenda.NewDirectory(c, []agenda.ClinicProfessional{
			professional("Dr. João Silva", "Cardiologista", "coração", "pressão", "palpitação", "cardiologia"),
			dermatologist,
			professional("Dr. Pedro Santos", "Clínico Geral", "clínica geral", "check-up", "febre", "gripe"),
		}, []agenda.Service{botox}),
		Today: agenda.Date{Year: 2026, Month: time.December, Day: 8},
		Now:   10 * 60,
		State: reception.Idle,
	}
}
