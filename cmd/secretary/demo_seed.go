package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

const (
	demoClinicName = "Clínica XYZ"
	demoInstance   = "clinica-xyz"
	demoManager    = "admin@secretary.local"
	demoAdmin      = "recepcao@clinica-xyz.local"
)

const demoEntityInstructions = `{
	"prompt": "Você é a assistente da Clínica XYZ. Responda em português, com clareza e gentileza.",
	"rules": [
		"Não dê diagnósticos nem indique medicamentos.",
		"Em caso de emergência, oriente a ligar para o SAMU, no 192.",
		"Confirme o profissional, o dia e o horário antes de agendar."
	],
	"language": "pt-BR"
}`

const demoDepartmentInstructions = `{
	"prompt": "Você atende o departamento de Cardiologia.",
	"rules": [
		"Pergunte se o paciente tem exames recentes, como eletrocardiograma.",
		"Confirme o profissional, o dia e o horário antes de agendar."
	]
}`

// demoClinic is what the demo begins with.
type demoClinic struct {
	tenant agenda.TenantID
	admin  credentials // of the entity's ENTITY_ADMIN
}

// demoDoctor is one of the clinic's three professionals.
type demoDoctor struct {
	name, phone, license string
	specialty            string
	keywords             []string
	calendar             string
	cardiology           bool
	services             []agenda.ServiceParams
}

func demoDoctors() []demoDoctor {
	return []demoDoctor{
		{
			name: "Dr. João Silva", phone: "+5511955550101", license: "CRM-SP 000101", specialty: "Cardiologista",
			keywords: []string{"coração", "pressão", "palpitação", "cardiologia"}, calendar: "dr-joao-silva@demo.calendar", cardiology: true,
		},
		{
			name: "Dra. Maria Costa", phone: "+5511955550102", license: "CRM-SP 000102", specialty: "Dermatologista",
			keywords: []string{"pele", "manchas", "dermatologia"}, calendar: "dra-maria-costa@demo.calendar",
			services: []agenda.ServiceParams{{
				Name: "Botox", Description: "Aplicação de toxina botulínica.", Keywords: []string{"toxina", "rugas"},
				PriceCents: 1_200_00, DurationMinutes: new(45),
			}},
		},
		{
			name: "Dr. Pedro Santos", phone: "+5511955550103", license: "CRM-SP 000103", specialty: "Clínico Geral",
			keywords: []string{"clínica geral", "check-up", "febre", "gripe"}, calendar: "dr-pedro-santos@demo.calendar",
		},
	}
}

// seedDemo makes the demo's users and clinic on an empty store, as a manager would. A manager without an address gets
// one, and a password.
func seedDemo(ctx context.Context, s httpapi.Services, manager *credentials) (*demoClinic, error) {
	if manager.email == "" {
		*manager = credentials{demoManager, secret(rand.Text())}
	}
	user, err := s.Users.CreateFirst(ctx, manager.email, manager.password.reveal(), "+5511955550100")
	if err != nil {
		return nil, fmt.Errorf("demo: the manager: %w", err)
	}
	actor := user.Actor()
	general, err := jsonobj.Parse([]byte(demoEntityInstructions))
	if err != nil {
		return nil, fmt.Errorf("demo: the entity's instructions: %w", err)
	}
	special, err := jsonobj.Parse([]byte(demoDepartmentInstructions))
	if err != nil {
		return nil, fmt.Errorf("demo: the department's instructions: %w", err)
	}
	entity, err := s.Entities.Create(ctx, actor, clinic.EntityParams{
		Name: demoClinicName, Type: "medical_clinic", Instructions: general,
	})
	if err != nil {
		return nil, fmt.Errorf("demo: the entity: %w", err)
	}
	department, err := s.Departments.Create(ctx, actor, clinic.DepartmentParams{
		EntityID: entity.ID, Name: "Cardiologia", Instructions: special,
	})
	if err != nil {
		return nil, fmt.Errorf("demo: the department: %w", err)
	}
	admin := credentials{demoAdmin, secret(rand.Text())}
	_, err = s.Users.Create(ctx, actor, service.NewUser{
		Email: admin.email, Password: admin.password.reveal(), PhoneNumber: "+5511955550110", Role: identity.EntityAdmin, EntityID: entity.ID,
	})
	if err != nil {
		return nil, fmt.Errorf("demo: the entity's administrator: %w", err)
	}
	desk, err := s.Clinics.Create(ctx, actor, agenda.ClinicParams{
		EntityID: entity.ID, Name: demoClinicName, EvolutionInstance: demoInstance,
		TimeZone: "America/Sao_Paulo", MinimumNotice: new(time.Hour),
	})
	if err != nil {
		return nil, fmt.Errorf("demo: the clinic: %w", err)
	}
	for order, doctor := range demoDoctors() {
		if err := seedDoctor(ctx, s, actor, desk, department.ID, doctor, order+1); err != nil {
			return nil, fmt.Errorf("demo: %s: %w", doctor.name, err)
		}
	}
	if _, err := s.ModelPrices.InstallExamples(ctx, actor); err != nil {
		return nil, fmt.Errorf("demo: the prices of models: %w", err)
	}
	return &demoClinic{tenant: desk.ID, admin: admin}, nil
}

// findDemo finds the demo that an earlier start left in the store, and gives its users new passwords: nobody knows those
// that were printed then.
func (i *instance) findDemo(ctx context.Context) (*demoClinic, error) {
	if i.manager.email == "" {
		i.manager = credentials{demoManager, secret(rand.Text())}
	}
	admin := credentials{demoAdmin, secret(rand.Text())}
	manager, err := i.store.repositories.Users.ByEmail(ctx, i.manager.email)
	if err != nil {
		return nil, errNoDemo(err)
	}
	desk, err := i.store.repositories.Clinics.ByInstance(ctx, demoInstance)
	if err != nil {
		return nil, errNoDemo(err)
	}
	for _, c := range []credentials{i.manager, admin} {
		user, err := i.store.repositories.Users.ByEmail(ctx, c.email)
		if err != nil {
			return nil, errNoDemo(err)
		}
		_, err = i.services.Users.Update(ctx, manager.Actor(), user.ID, service.UserChange{Password: patch.Set(c.password.reveal())}, version.Match{})
		if err != nil {
			return nil, fmt.Errorf("demo: the password of %s: %w", c.email, err)
		}
	}
	return &demoClinic{tenant: desk.ID, admin: admin}, nil
}

// errNoDemo says that what is in the store is not the demo.
func errNoDemo(err error) error {
	if errs.KindOf(err) != errs.NotFound {
		return err
	}
	return errors.New("SECRETARY_DEMO: the database has users, and not the demo's: the demo needs an empty database, or one that it has made itself")
}

func seedDoctor(ctx context.Context, s httpapi.Services, actor identity.Actor, at agenda.Clinic, cardiology clinic.DepartmentID, doctor demoDoctor, order int) error {
	var department clinic.DepartmentID
	if doctor.cardiology {
		department = cardiology
	}
	agendaOf, err := s.Clinics.AddProfessional(ctx, actor, at.ID, service.NewClinicProfessional{
		ClinicProfessionalParams: agenda.ClinicProfessionalParams{
			Name: doctor.name, Specialty: doctor.specialty, SpecialtyKeywords: doctor.keywords,
			GoogleCalendarID: doctor.calendar, GoogleCalendarLabel: doctor.name,
			ConsultationMinutes: new(30), BufferMinutes: new(0), DisplayOrder: order,
		},
		Person:       &clinic.ProfessionalParams{PhoneNumber: doctor.phone, LicenseNumber: doctor.license},
		DepartmentID: department,
	})
	if err != nil {
		return err
	}
	for _, offered := range doctor.services {
		if _, err := s.Clinics.AddService(ctx, actor, at.ID, agendaOf.ID, offered); err != nil {
			return err
		}
	}
	return nil
}
