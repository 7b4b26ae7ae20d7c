package main

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/secretary-api/secretary/adapters/cached"
	"github.com/secretary-api/secretary/adapters/openai"
	"github.com/secretary-api/secretary/ports"
)

// metrics is what /metrics tells, in the format of Prometheus. Labels have few values: patterns of routes, never paths.
type metrics struct {
	registry    *prometheus.Registry
	requests    *prometheus.CounterVec
	durations   *prometheus.HistogramVec
	answers     sync.Map // of answered: answerMetrics
	reads       *prometheus.CounterVec
	cacheErrors prometheus.Counter
	busErrors   prometheus.Counter
	modelCalls  *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "secretary_http_requests_total", Help: "Requests that were answered.",
		}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "secretary_http_request_duration_seconds", Help: "How long answers took; streams take until they end.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "method"}),
		reads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "secretary_cache_requests_total",
			Help: "Reads of records that may be cached: hit, miss, or bypass while the cache is away.",
		}, []string{"cache", "result"}),
		cacheErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "secretary_cache_errors_total", Help: "Failures of the shared cache, after each of which it is left alone for a while.",
		}),
		busErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "secretary_bus_errors_total", Help: "Failures of Redis to carry notices of rooms, which are tried again.",
		}),
	}
	m.modelCalls = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "secretary_model_call_duration_seconds", Help: "How long calls to the language model took, by how they went.",
		Buckets: []float64{.1, .25, .5, 1, 2, 4, 8},
	}, []string{"outcome"})
	m.registry.MustRegister(m.requests, m.durations, m.reads, m.cacheErrors, m.busErrors,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, name := range cached.Names() { // so that a rate can be told from the first request on
		for _, result := range []cached.Result{cached.Hit, cached.Miss, cached.Bypass} {
			m.reads.WithLabelValues(name, string(result))
		}
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// answered names the metrics of some answers.
type answered struct {
	route, method string
	status        int
}

// answerMetrics are the metrics of an [answered], which are found once: finding them costs more than counting.
type answerMetrics struct {
	count    prometheus.Counter
	duration prometheus.Observer
}

// request counts an answer.
func (m *metrics) request(route, method string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other" // a client may make one up
	}
	of := answered{route, method, status}
	found, ok := m.answers.Load(of)
	if !ok {
		found, _ = m.answers.LoadOrStore(of, answerMetrics{
			m.requests.WithLabelValues(route, method, strconv.Itoa(status)), m.durations.WithLabelValues(route, method),
		})
	}
	if of, ok := found.(answerMetrics); ok {
		of.count.Inc()
		of.duration.Observe(took.Seconds())
	}
}

func (m *metrics) cacheRequest(cache string, r cached.Result) {
	m.reads.WithLabelValues(cache, string(r)).Inc()
}

func (m *metrics) cacheError() { m.cacheErrors.Inc() }

func (m *metrics) busError() { m.busErrors.Inc() }

// countModelCalls tells of calls to the language model, from none on.
func (m *metrics) countModelCalls() {
	m.registry.MustRegister(m.modelCalls)
	for _, outcome := range openai.Outcomes() {
		m.modelCalls.WithLabelValues(string(outcome))
	}
}

func (m *metrics) modelCall(o openai.Outcome, took time.Duration) {
	m.modelCalls.WithLabelValues(string(o)).Observe(took.Seconds())
}

// watchRedis tells whether Redis answers.
func (m *metrics) watchRedis(up func() bool) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "secretary_redis_up", Help: "1 while Redis answers.",
	}, func() float64 {
		if up() {
			return 1
		}
		return 0
	}))
}

// watchBus tells how far behind notices of other processes may be.
func (m *metrics) watchBus(bus ports.Bus) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "secretary_bus_confirmed_age_seconds",
		Help: "For how long notices of other processes may have been missed; +Inf when nobody has listened yet.",
	}, func() float64 {
		confirmed := bus.Confirmed()
		if confirmed.IsZero() {
			return math.Inf(1)
		}
		return time.Since(confirmed).Seconds()
	}))
}
