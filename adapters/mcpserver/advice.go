package mcpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/secretary-api/secretary/core/errs"
)

// refusalError is what a model is told instead of an answer: what to do next, and the code of the error.
type refusalError struct{ code, advice string }

// Error implements error: it is the text of the tool's result.
func (r refusalError) Error() string { return r.advice + " (código: " + r.code + ")" }

// badArguments is the refusal of arguments that the schema of a tool does not allow.
func badArguments(err error) refusalError {
	detail := ""
	if err != nil {
		detail = strings.TrimPrefix(err.Error(), `validating "arguments": `)
	}
	return refusalError{"invalid-input", "Os argumentos não servem: " + detail + ". Corrija-os conforme o esquema da ferramenta e chame de novo."}
}

// refusal is the only place where an error becomes words for a model. What nobody classified is logged here, once, and
// told without a word about its cause.
func (s *Server) refusal(ctx context.Context, tool string, err error) error {
	if r, ok := errors.AsType[refusalError](err); ok {
		return r
	}
	e, classified := errors.AsType[*errs.Error](err)
	if !classified || e.Kind == errs.Internal {
		level := slog.LevelError
		if ctx.Err() != nil {
			level = slog.LevelWarn // most likely the client went away, which is no error of ours
		}
		s.log.LogAttrs(ctx, level, "internal error", requestID(ctx), slog.String("tool", tool), slog.Any("err", err))
		return refusalError{"internal", "Houve um erro interno, e o pedido pode não ter sido feito. Não diga que foi feito: consulte antes de repetir, ou chame uma pessoa da equipe."}
	}
	if e.Kind == errs.Unavailable {
		s.log.LogAttrs(ctx, slog.LevelWarn, "unavailable", requestID(ctx), slog.String("tool", tool), slog.Any("err", err))
	}
	if known := advice(e.Code); known != "" {
		return refusalError{e.Code, known}
	}
	return refusalError{e.Code, general(e)}
}

// advice is what to do about an error that has a code of its own; "" when there is nothing special to do.
func advice(code string) string {
	switch code {
	case "slot-taken":
		return "Esse horário já foi ocupado. Chame list-free-slots e ofereça outro ao paciente."
	case "slot-not-offered":
		return "O profissional não atende nesse início. Chame list-free-slots e ofereça um dos inícios que ela devolver."
	case "service-not-offered":
		return "Esse profissional não oferece o serviço. Chame list-services para ver quem oferece, e confirme o profissional com o paciente."
	case "calendar-mismatch":
		return "Recusado por segurança: o calendarId não é o da agenda do profissional escolhido. A tentativa foi registrada. " +
			"Chame list-professionals para ver o calendarId certo, e não tente outra agenda."
	case "hold-expired":
		return "A reserva venceu e o horário foi liberado. Chame hold-slot de novo, ou ofereça outro horário."
	case "appointment-past":
		return "A consulta já começou: não pode mais ser remarcada nem cancelada. Chame uma pessoa da equipe."
	case "appointment-state":
		return "A consulta não está num estado que permita isso (pode ter sido cancelada, estar vencida ou ter mudado agora). Consulte de novo antes de continuar."
	case "cut-off-passed":
		return "Está perto demais da consulta: só a equipe ainda pode remarcá-la ou cancelá-la. Chame uma pessoa da equipe."
	case "clinic-inactive":
		return "A clínica está desativada e não aceita marcações. Chame uma pessoa da equipe."
	case "professional-not-found":
		return "Não há esse profissional nesta clínica. Chame list-professionals ou find-professional, e não invente ids."
	case "service-not-found":
		return "Não há esse serviço nesta clínica. Chame list-services, e não invente ids."
	case "specialty-not-found":
		return "Ninguém nesta clínica tem essa especialidade. Chame list-professionals para ver as que há."
	case "appointment-not-found", "event-not-found":
		return "Não há essa consulta nesta agenda. Confira o id com list-events; eventos que pessoas criaram à mão não podem ser mudados aqui."
	}
	return ""
}

// general is what to do about an error of a kind. The message of an error is safe to show.
func general(e *errs.Error) string {
	switch e.Kind {
	case errs.Invalid:
		if len(e.Fields) == 0 {
			return "O pedido não serve: " + e.Msg + "."
		}
		wrong := make([]string, 0, len(e.Fields))
		for _, f := range e.Fields {
			wrong = append(wrong, argument(f.Path)+": "+f.Msg)
		}
		return "Os argumentos não servem: " + strings.Join(wrong, "; ") + ". Corrija-os, perguntando ao paciente o que faltar."
	case errs.Forbidden, errs.Unauthenticated:
		return "Sem permissão: " + e.Msg + ". Quem administra a clínica pode mudar isso; não tente de outra forma."
	case errs.NotFound:
		return "Não encontrado: " + e.Msg + ". Confira o id, e não invente nenhum."
	case errs.Conflict, errs.Stale:
		return "Não é possível agora: " + e.Msg + ". Consulte o estado atual antes de tentar de novo."
	case errs.Exhausted, errs.Unavailable:
		return "A agenda está fora do alcance agora: " + e.Msg + ". Não invente horários nem diga que marcou; tente de novo mais tarde ou chame uma pessoa da equipe."
	case errs.TooLarge, errs.Internal:
	}
	return fmt.Sprintf("O pedido foi recusado: %s.", e.Msg)
}

// argument is the name that a field of core has among the arguments of tools.
func argument(path string) string {
	switch path = strings.TrimPrefix(path, "query."); path {
	case "patient.birth_date":
		return "patient.birthDate"
	case "from":
		return "timeMin"
	case "to", "event_data.end":
		return "timeMax"
	case "notes":
		return "description"
	}
	return path
}
