package clinic_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/patch"
)

func made() time.Time    { return time.Date(2026, time.March, 2, 8, 0, 0, 123456000, time.UTC) }
func changed() time.Time { return made().Add(time.Microsecond) }

// wrongPaths are the parts of the input that an invalid-input error names; nil when there is no error.
func wrongPaths(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || e.Code != "invalid-input" {
		tb.Fatalf("error %v, want invalid-input", err)
	}
	var paths []string
	for _, f := range e.Fields {
		if !slices.Contains(paths, f.Path) {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

func TestNewEntity(t *testing.T) {
	t.Parallel()
	got, err := clinic.NewEntity(clinic.EntityParams{Name: " Clínica XYZ ", Type: " medical_clinic ", Instructions: `{"prompt":"Olá"}`}, made())
	want := clinic.Entity{
		Name: "Clínica XYZ", Type: "medical_clinic", Instructions: `{"prompt":"Olá"}`, Active: true, CreatedAt: made(), UpdatedAt: made(),
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := clinic.NewEntity(clinic.EntityParams{Name: strings.Repeat("é", 200), Type: strings.Repeat("é", 100)}, made()); err != nil {
		t.Errorf("the longest texts: %v", err)
	}
	_, err = clinic.NewEntity(clinic.EntityParams{Name: " ", Type: strings.Repeat("x", 101), Instructions: `{"prompt":1}`}, made())
	if got, want := wrongPaths(t, err), []string{"name", "type", "instructions.prompt"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
	_, err = clinic.NewEntity(clinic.EntityParams{Name: strings.Repeat("x", 201)}, made())
	if got, want := wrongPaths(t, err), []string{"name"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestEntityChange(t *testing.T) {
	t.Parallel()
	before := clinic.Entity{
		ID: 7, Name: "Clínica", Type: "clinic", Instructions: `{"prompt":"a","tone":"warm"}`, Active: true, CreatedAt: made(), UpdatedAt: made(),
	}
	e := before
	if err := e.Change(clinic.EntityPatch{}, changed()); err != nil || e.UpdatedAt != changed() {
		t.Errorf("an empty patch: %v, updated at %v", err, e.UpdatedAt)
	}
	if e.UpdatedAt = made(); e != before {
		t.Errorf("an empty patch made %+v of %+v", e, before)
	}
	err := e.Change(clinic.EntityPatch{
		Name: patch.Set(" Nova "), Type: patch.Clear[string](), Active: patch.Set(false),
		Instructions: patch.Set(jsonobj.Object(`{"tone":null,"rules":["r"]}`)),
	}, changed())
	want := clinic.Entity{ID: 7, Name: "Nova", Instructions: `{"prompt":"a","rules":["r"]}`, CreatedAt: made(), UpdatedAt: changed()}
	if err != nil || e != want {
		t.Errorf("got %+v, %v, want %+v", e, err, want)
	}
	if err := e.Change(clinic.EntityPatch{Instructions: patch.Clear[jsonobj.Object]()}, changed()); err != nil || !e.Instructions.IsNone() {
		t.Errorf("instructions cleared: %v, %s", err, e.Instructions)
	}
	err = e.Change(clinic.EntityPatch{Name: patch.Clear[string](), Instructions: patch.Set(jsonobj.Object(`{"rules":"r"}`))}, changed())
	if got, want := wrongPaths(t, err), []string{"name", "instructions.rules"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestDepartmentBelongsToAnEntity(t *testing.T) {
	t.Parallel()
	got, err := clinic.NewDepartment(clinic.DepartmentParams{EntityID: 3, Name: " Cardiologia "}, made())
	want := clinic.Department{EntityID: 3, Name: "Cardiologia", Active: true, CreatedAt: made(), UpdatedAt: made()}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, entity := range []clinic.EntityID{0, -1} {
		_, err := clinic.NewDepartment(clinic.DepartmentParams{EntityID: entity, Name: strings.Repeat("x", 101), Instructions: `{"rules":[1]}`}, made())
		if got, want := wrongPaths(t, err), []string{"entity_id", "name", "instructions.rules"}; !slices.Equal(got, want) {
			t.Errorf("entity %d: wrong %q, want %q", entity, got, want)
		}
	}
	err = got.Change(clinic.DepartmentPatch{
		Name: patch.Set("Pediatria"), Instructions: patch.Set(jsonobj.Object(`{"prompt":"p"}`)), Active: patch.Set(false),
	}, changed())
	want = clinic.Department{EntityID: 3, Name: "Pediatria", Instructions: `{"prompt":"p"}`, CreatedAt: made(), UpdatedAt: changed()}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestNewProfessional(t *testing.T) {
	t.Parallel()
	got, err := clinic.NewProfessional(clinic.ProfessionalParams{
		Name: " Dra. Maria Costa ", Email: " Maria@Example.com", PhoneNumber: "(11) 8555-0011", ExternalID: " x-1 ", LicenseNumber: " CRM/SP 1 ",
	}, made())
	want := clinic.Professional{
		Name: "Dra. Maria Costa", Email: "maria@example.com", PhoneNumber: "+5511985550011", ExternalID: "x-1", LicenseNumber: "CRM/SP 1",
		Active: true, CreatedAt: made(), UpdatedAt: made(),
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	bare, err := clinic.NewProfessional(clinic.ProfessionalParams{Name: "Maria", PhoneNumber: "+5511955550011"}, made())
	if err != nil || bare.Email != "" {
		t.Errorf("without an e-mail address: %+v, %v", bare, err)
	}
	_, err = clinic.NewProfessional(clinic.ProfessionalParams{
		Email: " ", ExternalID: strings.Repeat("x", 255), LicenseNumber: strings.Repeat("x", 101),
	}, made())
	if got, want := wrongPaths(t, err), []string{"name", "email", "phone_number", "external_id", "license_number"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestProfessionalChange(t *testing.T) {
	t.Parallel()
	p := clinic.Professional{
		ID: 5, Name: "Maria", Email: "m@example.com", PhoneNumber: "+5511955550011", ExternalID: "x", LicenseNumber: "CRM 1", Active: true, CreatedAt: made(),
	}
	err := p.Change(clinic.ProfessionalPatch{
		Name: patch.Set("Ana"), Email: patch.Clear[string](), PhoneNumber: patch.Set("11 3555-0011"), ExternalID: patch.Clear[string](),
		LicenseNumber: patch.Set("CRM 2"), Active: patch.Set(false),
	}, changed())
	want := clinic.Professional{ID: 5, Name: "Ana", PhoneNumber: "+551135550011", LicenseNumber: "CRM 2", CreatedAt: made(), UpdatedAt: changed()}
	if err != nil || p != want {
		t.Errorf("got %+v, %v, want %+v", p, err, want)
	}
	err = p.Change(clinic.ProfessionalPatch{PhoneNumber: patch.Clear[string](), Email: patch.Set("ana")}, changed())
	if got, want := wrongPaths(t, err), []string{"email", "phone_number"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestMembershipDepartmentIsOfTheEntity(t *testing.T) {
	t.Parallel()
	got, err := clinic.NewMembership(5, 3, &clinic.Department{ID: 9, EntityID: 3, Active: true}, made())
	want := clinic.Membership{ProfessionalID: 5, EntityID: 3, DepartmentID: 9, Active: true, CreatedAt: made(), UpdatedAt: made()}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got, err := clinic.NewMembership(5, 3, nil, made()); err != nil || got.DepartmentID != 0 {
		t.Errorf("in no department: %+v, %v", got, err)
	}
	for _, other := range []clinic.Department{{ID: 9, EntityID: 4, Active: true}, {ID: 9, Active: true}} {
		_, err := clinic.NewMembership(5, 3, &other, made())
		if got, want := wrongPaths(t, err), []string{"department_id"}; !slices.Equal(got, want) {
			t.Errorf("a department of entity %d: wrong %q, want %q", other.EntityID, got, want)
		}
	}
	_, err = clinic.NewMembership(0, 0, nil, made())
	if got, want := wrongPaths(t, err), []string{"professional_id", "entity_id"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
	got.SetActive(false, changed())
	if got.Active || got.UpdatedAt != changed() || got.CreatedAt != made() {
		t.Errorf("an ended membership is %+v", got)
	}
	if got.SetActive(true, made()); !got.Active {
		t.Error("a membership was not taken up again")
	}
}

func TestDeactivateIsTheSoftDelete(t *testing.T) {
	t.Parallel()
	e := clinic.Entity{Name: "e", Active: true, CreatedAt: made()}
	d := clinic.Department{Name: "d", Active: true, CreatedAt: made()}
	p := clinic.Professional{Name: "p", Active: true, CreatedAt: made()}
	e.Deactivate(changed())
	d.Deactivate(changed())
	p.Deactivate(changed())
	if want := (clinic.Entity{Name: "e", CreatedAt: made(), UpdatedAt: changed()}); e != want {
		t.Errorf("entity: %s", cmp.Diff(want, e))
	}
	if want := (clinic.Department{Name: "d", CreatedAt: made(), UpdatedAt: changed()}); d != want {
		t.Errorf("department: %s", cmp.Diff(want, d))
	}
	if want := (clinic.Professional{Name: "p", CreatedAt: made(), UpdatedAt: changed()}); p != want {
		t.Errorf("professional: %s", cmp.Diff(want, p))
	}
}
