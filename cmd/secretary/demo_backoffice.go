package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// created is what every record of the back office answers when it is made.
type created struct {
	ID int64 `json:"id"`
}

// backOffice makes an entity, a department and a room, and reads what an agent in the room is told. What it made is
// deactivated again.
func (d *player) backOffice(ctx context.Context) error {
	d.title("The back office: what an agent in a room is told")
	var entity, department, room created
	post := func(what, path string, in any, out *created) error {
		if err := d.client.call(ctx, http.MethodPost, path, in, out); err != nil {
			return err
		}
		d.said("create", cyan, fmt.Sprintf("%s %d", what, out.ID))
		return nil
	}
	err := post("entity", "/v1/entities", map[string]any{
		"name": "Clínica Demonstração", "type": "medical_clinic",
		"instructions": map[string]any{"prompt": "Você é a assistente da clínica.", "rules": []string{"Seja cordial."}, "tone": "formal"},
	}, &entity)
	if err != nil {
		return err
	}
	err = post("department", fmt.Sprintf("/v1/entities/%d/departments", entity.ID), map[string]any{
		"name":         "Cardiologia",
		"instructions": map[string]any{"prompt": "Você atende a Cardiologia.", "rules": []string{"Peça exames recentes."}, "tone": "calmo"},
	}, &department)
	if err != nil {
		return err
	}
	err = post("room", "/v1/rooms", map[string]any{
		"name": "Consulta de demonstração", "entity_id": entity.ID, "department_id": department.ID, "type": "CLIENT",
	}, &room)
	if err != nil {
		return err
	}
	if err := d.readInstructions(ctx, room); err != nil {
		return err
	}
	for _, path := range []string{
		fmt.Sprintf("/v1/rooms/%d", room.ID), fmt.Sprintf("/v1/departments/%d", department.ID), fmt.Sprintf("/v1/entities/%d", entity.ID),
	} {
		if err := d.client.call(ctx, http.MethodDelete, path, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

func (d *player) readInstructions(ctx context.Context, room created) error {
	var told struct {
		Text         string `json:"text"`
		Instructions struct {
			Rules []string `json:"rules"`
			Tone  string   `json:"tone"`
		} `json:"instructions"`
		Sources []struct {
			Level string `json:"level"`
		} `json:"sources"`
	}
	if err := d.client.call(ctx, http.MethodGet, fmt.Sprintf("/v1/rooms/%d/instructions", room.ID), nil, &told); err != nil {
		return err
	}
	d.said("agent", green, told.Text)
	general, special := strings.Index(told.Text, "assistente da clínica"), strings.Index(told.Text, "atende a Cardiologia")
	d.expect(general >= 0 && special > general, "the room's prompt is not the entity's followed by the department's")
	d.expect(slices.Equal(told.Instructions.Rules, []string{"Seja cordial.", "Peça exames recentes."}), "the room's rules are %q", told.Instructions.Rules)
	d.expect(told.Instructions.Tone == "calmo", "the department's tone does not win over the entity's")
	d.expect(len(told.Sources) == 2, "the room's instructions have %d sources", len(told.Sources))
	return nil
}
