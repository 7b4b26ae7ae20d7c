package main

// scene is a conversation with what has to come out of it.
type scene struct {
	title string
	lines []line
	books []string // the professional of each patient's visit in the end, by patient; "" for none
}

// line is what a patient writes, and what the service has to make of it.
type line struct {
	patient int // several may write at the same time
	text    string
	state   string
	says    []string // parts of the replies
}

// anas tells who the patient is; every patient of the demo is her.
const anas = "Ana Souza, 12/03/1985, 11 95555-0011"

// demoScenes is the four example conversations of the specification, gone on with until a visit is booked, and four that
// try to get one booked in the wrong place.
func demoScenes() []scene {
	return []scene{
		{
			title: "A speciality", books: []string{"Dr. João Silva"},
			lines: []line{
				{text: "Preciso de um cardiologista", state: "collecting_patient", says: []string{"Dr. João Silva", "Cardiologista", "Nome completo", "Data de nascimento", "Telefone"}},
				{text: anas, state: "choosing_slot", says: []string{"Dr. João Silva", "1."}},
				{text: "1", state: "confirming", says: []string{"Dr. João Silva", "Ana Souza", "Está correto?"}},
				{text: "sim", state: "booked", says: []string{"Dr. João Silva"}},
			},
		},
		{
			title: "A service", books: []string{"Dra. Maria Costa"},
			lines: []line{
				{text: "Quero fazer botox", state: "collecting_patient", says: []string{"Dra. Maria Costa", "Dermatologista", "R$ 1.200,00", "45 minutos"}},
				{text: "sim", state: "collecting_patient", says: []string{"Nome completo"}},
				{text: anas, state: "choosing_slot", says: []string{"Dra. Maria Costa"}},
				{text: "1", state: "confirming", says: []string{"Botox", "Dra. Maria Costa", "R$ 1.200,00"}},
				{text: "sim", state: "booked", says: []string{"Botox", "Dra. Maria Costa"}},
			},
		},
		{
			title: "An ambiguous request", books: []string{"Dr. Pedro Santos"},
			lines: []line{
				{text: "Quero marcar uma consulta", state: "choosing_professional", says: []string{"com qual profissional", "Dr. João Silva", "Dra. Maria Costa", "Dr. Pedro Santos"}},
				{text: "3", state: "collecting_patient", says: []string{"Dr. Pedro Santos"}},
				{text: anas, state: "choosing_slot", says: []string{"Dr. Pedro Santos"}},
				{text: "1", state: "confirming", says: []string{"Dr. Pedro Santos"}},
				{text: "sim", state: "booked", says: []string{"Dr. Pedro Santos"}},
			},
		},
		{
			title: "A name", books: []string{"Dr. Pedro Santos"},
			lines: []line{
				{text: "Quero consulta com Dr. Santos", state: "collecting_patient", says: []string{"Dr. Pedro Santos", "Clínico Geral"}},
				{text: anas, state: "choosing_slot", says: []string{"Dr. Pedro Santos"}},
				{text: "2", state: "confirming", says: []string{"Dr. Pedro Santos"}},
				{text: "sim", state: "booked", says: []string{"Dr. Pedro Santos"}},
			},
		},
		{
			title: "A professional whom nobody knows", books: []string{""},
			lines: []line{
				{text: "Quero consulta com o Dr. Carlos Pereira", state: "choosing_professional", says: []string{"Não encontrei esse profissional", "Dr. João Silva", "Dra. Maria Costa", "Dr. Pedro Santos"}},
			},
		},
		{
			title: "A service that nobody offers", books: []string{""},
			lines: []line{
				{text: "Quero fazer harmonização facial", state: "choosing_professional", says: []string{"Esse serviço não está disponível", "Botox"}},
			},
		},
		{
			title: "A change of mind", books: []string{"Dra. Maria Costa"},
			lines: []line{
				{text: "Preciso de um cardiologista", state: "collecting_patient", says: []string{"Dr. João Silva"}},
				{text: anas, state: "choosing_slot", says: []string{"Dr. João Silva"}},
				{text: "1", state: "confirming", says: []string{"Dr. João Silva", "Está correto?"}},
				{text: "Não, prefiro a Dra. Maria Costa", state: "choosing_slot", says: []string{"Dra. Maria Costa"}},
				{text: "1", state: "confirming", says: []string{"Dra. Maria Costa", "Está correto?"}},
				{text: "sim", state: "booked", says: []string{"Dra. Maria Costa"}},
			},
		},
		{
			title: "A slot that is taken meanwhile", books: []string{"Dr. João Silva", "Dr. João Silva"},
			lines: []line{
				{patient: 0, text: "Quero consulta com o Dr. João", state: "collecting_patient"},
				{patient: 0, text: anas, state: "choosing_slot"},
				{patient: 0, text: "1", state: "confirming"},
				{patient: 1, text: "Quero consulta com o Dr. João", state: "collecting_patient"},
				{patient: 1, text: "Bia Lima, 01/02/1990, 11 95555-0012", state: "choosing_slot"},
				{patient: 1, text: "1", state: "confirming", says: []string{"Está correto?"}},
				{patient: 1, text: "sim", state: "booked"},
				{patient: 0, text: "sim", state: "choosing_slot", says: []string{"acabou de ser preenchido", "Dr. João Silva"}},
				{patient: 0, text: "1", state: "confirming"},
				{patient: 0, text: "sim", state: "booked", says: []string{"Dr. João Silva"}},
			},
		},
	}
}
