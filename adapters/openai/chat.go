package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/ports"
)

// chatRequest is the body of a call. It sets no temperature and no length: some models refuse any but their own, and the
// answer is bounded by its schema and the timeout.
type chatRequest struct {
	Model          string         `json:"model"`
	Messages       []chatMessage  `json:"messages"`
	ResponseFormat responseFormat `json:"response_format"`
}

type chatMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type responseFormat struct {
	Type       string     `json:"type"`
	JSONSchema jsonSchema `json:"json_schema"`
}

type jsonSchema struct {
	Name   string          `json:"name"`
	Strict bool            `json:"strict"`
	Schema json.RawMessage `json:"schema"`
}

type chatResponse struct {
	Choices []struct {
		Message struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		PromptTokens        int64 `json:"prompt_tokens"`
		CompletionTokens    int64 `json:"completion_tokens"`
		PromptTokensDetails struct {
			CachedTokens int64 `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
}

// maxTokens bounds what a server may claim that one call took.
const maxTokens = 10_000_000

// used is what the call took, as far as it can be believed.
func (r chatResponse) used() metering.Quantities {
	bound := func(n int64) int64 { return min(max(n, 0), maxTokens) }
	input := bound(r.Usage.PromptTokens)
	return metering.Quantities{
		Requests: 1, InputTokens: input, CachedInputTokens: min(bound(r.Usage.PromptTokensDetails.CachedTokens), input),
		OutputTokens: bound(r.Usage.CompletionTokens),
	}
}

// post makes the call, a second time when no connection came about at first. Its errors are failures.
func (m *Model) post(ctx context.Context, p ports.ModelPrompt) (ports.ModelAnswer, error) {
	body, err := json.Marshal(chatRequest{
		Model:          m.model.Model,
		Messages:       []chatMessage{{"system", p.System}, {"user", p.User}},
		ResponseFormat: responseFormat{"json_schema", jsonSchema{p.SchemaName, true, p.Schema}},
	})
	if err != nil {
		return ports.ModelAnswer{}, fmt.Errorf("openai: encode a prompt: %w", err)
	}
	resp, connected, err := m.send(ctx, body)
	if err != nil && !connected && ctx.Err() == nil {
		resp, connected, err = m.send(ctx, body)
	}
	var answer ports.ModelAnswer
	if connected {
		answer.Used.Requests = 1
	}
	if err != nil {
		return answer, lost(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return answer, failure{refusal(resp.StatusCode), fmt.Errorf("the server answered %d", resp.StatusCode)}
	}
	// One byte more than may be: what is longer is cut, and so no JSON.
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer, lost(ctx, err)
	}
	var chat chatResponse
	if len(text) > maxAnswer || json.Unmarshal(text, &chat) != nil {
		return answer, failure{Failed, errors.New("the server's answer is not one of the chat API")}
	}
	answer.Used = chat.used()
	if len(chat.Choices) == 0 {
		return answer, failure{Failed, errors.New("the server's answer has no choice")}
	}
	first := chat.Choices[0]
	if first.Message.Refusal != "" || first.Message.Content == "" || first.FinishReason == "content_filter" || first.FinishReason == "length" {
		return answer, failure{Refused, errors.New("the model did not answer to the end")}
	}
	answer.Text = first.Message.Content
	return answer, nil
}

// send posts the body. Once there was a connection nobody knows how much was read.
func (m *Model) send(ctx context.Context, body []byte) (resp *http.Response, connected bool, err error) {
	var got atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.address, bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Content-Type", "application/json")
	if m.apiKey != "" {
		req.Header.Set("Authorization", "Bearer "+m.apiKey)
	}
	resp, err = m.client.Do(req)
	return resp, got.Load(), err
}

// lost is the failure of a connection.
func lost(ctx context.Context, err error) failure {
	if ctx.Err() != nil {
		return failure{TimedOut, ctx.Err()}
	}
	return failure{Unreachable, err}
}

func refusal(status int) Outcome {
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusPaymentRequired:
		return Limited
	case status == http.StatusRequestTimeout || status == http.StatusGatewayTimeout:
		return TimedOut
	case status >= 400 && status < 500:
		return Rejected
	}
	return Failed
}
