package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// patient is somebody who writes, waits for the reply, and writes on, until a visit is booked.
type patient struct {
	which   int
	number  string
	wants   string
	api     *client
	replies chan string
	wrote   int
	turns   []time.Duration
}

func newPatient(i int, api *client, v *vendors) *patient {
	number := fmt.Sprintf("55119%08d", 70_000_000+i)
	wants := []string{"Preciso de um cardiologista", "quero marcar com a dra maria", "Quero consulta com Dr. Santos"}[i%3]
	return &patient{which: i, number: number, wants: wants, api: api, replies: v.repliesTo(number)}
}

// unclear is a message that rules do not understand.
const unclear = "zorba flurbo trenque, minha comadre que indicou"

func (p *patient) chat(ctx context.Context) error {
	words := "Oi, bom dia"
	for {
		reply, err := p.say(ctx, words)
		for err == nil && !asks(reply) { // a text that another one follows
			reply, err = p.hear(ctx)
		}
		if err != nil {
			return err
		}
		has := func(part string) bool { return strings.Contains(reply, part) }
		switch {
		case has("Consulta confirmada!"):
			_, err := p.say(ctx, "obrigado!")
			return err
		case has("Está correto?"):
			words = "sim"
		case has("Qual você prefere?"):
			words = fmt.Sprint(1 + (p.which+p.wrote)%max(1, strings.Count(reply, ", às ")))
		case has("Nome completo"):
			words = "Ana Souza, 12/03/1985, este número"
		case words == "Oi, bom dia":
			words = unclear
		case words == unclear, has("profissional você gostaria"):
			words = p.wants
		default:
			return fmt.Errorf("wrote %q and was told %q", words, reply)
		}
		if p.wrote > 50 {
			return fmt.Errorf("never got to the end; was told %q at last", reply)
		}
	}
}

// asks reports whether it is the patient's turn after a reply.
func asks(reply string) bool {
	return !strings.HasPrefix(reply, "Esse horário acabou de ser preenchido")
}

// say posts a message to one of the processes, waits for the first reply, and notes how long that took.
func (p *patient) say(ctx context.Context, words string) (string, error) {
	p.wrote++
	url := p.api.urls[(p.which+p.wrote)%len(p.api.urls)] + "/v1/webhooks/evolution/" + instance
	began := time.Now()
	err := p.api.call(ctx, http.MethodPost, url, webhookToken, map[string]any{
		"event": "messages.upsert", "instance": instance, "data": map[string]any{
			"key":      map[string]any{"remoteJid": p.number + "@s.whatsapp.net", "fromMe": false, "id": fmt.Sprintf("%s-%d", p.number, p.wrote)},
			"pushName": "Ana", "message": map[string]any{"conversation": words}, "messageTimestamp": began.Unix(),
		},
	}, nil)
	if err != nil {
		return "", err
	}
	reply, err := p.hear(ctx)
	p.turns = append(p.turns, time.Since(began))
	return reply, err
}

func (p *patient) hear(ctx context.Context) (string, error) {
	select {
	case reply := <-p.replies:
		return reply, nil
	case <-ctx.Done():
		return "", fmt.Errorf("no reply: %w", ctx.Err())
	}
}
