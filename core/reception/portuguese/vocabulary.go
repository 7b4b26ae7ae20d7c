package portuguese

import (
	"strings"
	"sync"

	"github.com/secretary-api/secretary/core/text"
)

// vocabulary is what the readers know, compiled when the first message is read.
//
//nolint:gochecknoglobals // compiled once from constants, never changed
var vocabulary = sync.OnceValue(func() *lexicon {
	l := &lexicon{
		grammar: grammar{byWord: map[string][]phrase{}, byPrefix: map[string][]phrase{}},
		asides:  grammar{byWord: map[string][]phrase{}, byPrefix: map[string][]phrase{}},
		known:   map[string]bool{},
		plain:   map[string]bool{},

		services:   services(),
		complaints: complaints(),
	}
	for _, list := range [][]phrases{visitPhrases(), questionPhrases(), talkPhrases(), contactPhrases(), emergencyPhrases()} {
		for _, p := range list {
			l.addPhrases(&l.grammar, p)
		}
	}
	for _, list := range [][]phrases{topicPhrases(), complaintPhrases(), choicePhrases()} {
		for _, p := range list {
			l.addPhrases(&l.asides, p)
		}
	}
	for word := range strings.FieldsSeq(notTypos) {
		l.known[word] = true
	}
	for word := range strings.FieldsSeq(noNames) {
		l.known[word], l.plain[word] = true, true
	}
	for word := range strings.FieldsSeq(correctable) {
		l.known[word], l.plain[word] = true, true
		l.correctable[word[0]-'a'] = append(l.correctable[word[0]-'a'], word)
	}
	return l
})

// phrases are the ways of saying one thing, one a line.
type phrases struct {
	signal signal
	weight int
	lines  string
}

type lexicon struct {
	grammar     grammar
	asides      grammar         // what is asked and said beside an intent
	known       map[string]bool // words that are as they should be
	plain       map[string]bool // words of the language, no names
	correctable ['z' - 'a' + 1][]string
	services    map[string][][]string  // common services, by their first word
	complaints  map[string][]complaint // common complaints, by their first word
}

func (l *lexicon) addPhrases(g *grammar, p phrases) {
	for line := range strings.Lines(p.lines) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		compiled := compile(line, p.signal, p.weight)
		g.add(compiled)
		for _, e := range compiled.elements {
			for _, w := range e.words {
				l.known[w], l.plain[w] = true, true
			}
		}
	}
}

// corrected returns the word that a word was probably meant to be: itself when it is known, or when nothing is near.
func corrected(word string) string {
	l := vocabulary()
	if len(word) < 5 || l.known[word] || word[0] < 'a' || word[0] > 'z' {
		return word
	}
	best, found := 1, word
	if len(word) > 8 {
		best = 2
	}
	for _, target := range l.correctable[word[0]-'a'] {
		if d := text.Distance(word, target, best); d <= best && len(target) > 4 {
			if d == 0 {
				return target
			}
			best, found = d-1, target
		}
		if best == 0 {
			break
		}
	}
	return found
}

// correctable are the words that decide what a message means, so that a typo in them is worth correcting.
const correctable = `agendar agendamento agendada marcar marcacao marcada remarcar remarcacao reagendar reagendamento
desmarcar cancelar cancelamento cancela consulta consultas consultar horario horarios disponivel disponiveis
disponibilidade atendimento atendem atende atender atendente avaliacao retorno encaixe exame exames procedimento
procedimentos quanto custa custam valor valores preco precos valor servico servicos especialidade especialidades medico
medica medicos profissional profissionais doutor doutora funcionamento funciona funcionam obrigado obrigada amanha segunda
terca quarta quinta sexta sabado domingo semana manha tarde noite proxima proximo janeiro fevereiro marco abril
junho julho agosto setembro outubro novembro dezembro gostaria preciso queria quero prefiro confirmo confirmar confirmado
respirar peito desmaiei desmaiou desmaio sangramento convulsao infarto dormente pessoa secretaria recepcao humano mudar
trocar convenio pagamento cartao parcelar parcelam parcelado desconto clinica nascimento telefone procurando precisando
depois perfeito correto certeza mensagem mensagens comparecer adiantar antecipar transferir`

// noNames are common words that no phrase has, and that are no names either.
const noNames = `a o as os um uma uns umas de da do das dos em no na nos nas por para com sem sob sobre ate entre e ou mas nem que
se como quando onde qual quais quem porque pois entao assim ja ainda sempre nunca nao sim tambem so muito muita pouco pouca
mais menos bem mal hoje ontem amanha agora logo cedo tarde aqui ali la isso isto aquilo esse essa este esta aquele aquela
meu minha meus minhas seu sua seus suas dele dela nosso nossa eu ele ela nos eles elas voce voces gente me te lhe
ser sou era foi fui estar estou estava ter tenho tinha teve tive ha faz fazer fiz fez ir vou vai vamos ia poder
pode posso podia quer quero queria querer saber sei dizer disse falar falou ver vi viu dar deu ficar ficou passar
passou precisar preciso gostar gosto tomar tomei sentir sinto achar acho nasci nascida nascido nascimento data numero
telefone celular email cpf rg endereco rua bairro cidade idade anos dia dias mes meses semana semanas hora horas
minuto minutos favor obrigado obrigada oi ola bom boa tudo todo toda todos nada alguem ninguem algum alguma
outro outra mesmo mesma primeiro primeira segundo segunda terceiro terceira quarto quarta quinto quinta ultimo ultima
proximo proxima novo nova velho crianca bebe filho filha mae pai marido esposa avo irmao irma amigo amiga
doutor doutora doutores senhor senhora moco moca urgente urgencia particular convenio plano casa trabalho problema
exame cirurgia remedio dor dores febre gripe noite manha jan fev mar abr mai jun jul ago set out nov dez
zero dois duas tres quatro cinco seis sete oito nove dez onze doze quinze vinte trinta meia possivel gostaria
chamo nome completo contato whatsapp esse mesmo`

// notTypos are common words that look like a typo of one above and are not.
const notTypos = `morar perto feito peixe jeito leito preto preso peita presto preta prego presa pressa pressao processo
cantar mancar marcas marcou marcam marcado marcados marcadas marquei barco custo custos casta quando quantos
quantas quarto quartos canto santo tanto valer vapor calor color quita quinto sexto terco sabados mania manhas tardes
tarda semanal semanas queira querem quer quere certo certa medida medido medicas medicou consultou consultei consultorio
consultado pessoal pessoas humana trocas trocou mudou mudei mudas parcela parcelas parcelamos disponha exato exata
retorna retornar retornou encaixar encaixa agendei agendou agendado agendados agendas agenda reagendou remarcou
remarquei desmarquei desmarcou cancelei cancelou cancelado cancelada cancelaram confirmei confirmou confirma confirmada
prefere preferia precisa precisava precisei precisou queriam atendo atendi atendeu atendida atendido
funcionou funcionario sangrando desmaiar dormir dormindo dormentes peitos infartou infartar marque marquem mande manda
valeu vale volta voltar custava tarifa quintal julgo junta junto maria marca agosta medo medos semente avaliar avalia
clinico clinicas clinicos secretario gostar gostava gostei pedido perdido precise depoimento nascido nascida
conveniado convenios cartoes descontos servir serviu servido mudanca mudar cidade domingos segundo segundos
sextas quartas quintas tercas noites proximos proximas disponibiliza procuro procura procurou trocado mensal senhora
senhor exatamente perfeita correta correr corrente certamente confirmacao confirme pagamentos telefones telefonar quase
queixa quadro`

// abbreviation writes the shorthand of chats out, "" when word is none.
func abbreviation(word string) string {
	switch word {
	case "vc", "ce", "vce", "vose":
		return "voce"
	case "vcs", "ces", "vces", "voceis":
		return "voces"
	case "hj", "oje", "hje":
		return "hoje"
	case "amnh", "amn", "amh", "aman", "amanhaa", "amanhan":
		return "amanha"
	case "dps", "dpois", "dp":
		return "depois"
	case "qto", "qnto", "qt", "qnt", "cuanto", "quato", "qunto", "qanto":
		return "quanto"
	case "qdo", "qnd", "qndo", "qd":
		return "quando"
	case "qro", "kero", "quro", "qero", "quelo", "qr", "kro":
		return "quero"
	case "qria", "keria":
		return "queria"
	case "qal", "cual":
		return "qual"
	case "q", "ke", "oq":
		if word == "oq" {
			return "o que"
		}
		return "que"
	case "pq", "pk", "porq":
		return "porque"
	case "tb", "tbm", "tmb", "tbem":
		return "tambem"
	case "msm", "mesma":
		return "mesmo"
	case "mt", "mto", "mta", "mtu", "muinto":
		return "muito"
	case "n", "ñ", "naum", "nn", "num", "nau":
		return "nao"
	case "s", "ss", "sin", "sm", "sims":
		return "sim"
	case "blz", "bele", "belezinha", "blza":
		return "beleza"
	case "vlw", "vlww", "vaaleu", "vleu":
		return "valeu"
	case "flw", "fallou":
		return "falou"
	case "obg", "obgd", "obgda", "obgdo", "obgado", "obgada", "brigado", "brigada", "obrig", "obrigadinha", "obrigadinho", "brigadao", "obrigadao", "obrigadissimo", "thanks", "thank":
		return "obrigado"
	case "pf", "pfv", "pfvr", "pfr", "plis", "please", "pls", "favorr":
		return "por favor"
	case "pra", "pro", "p", "pa", "pras", "pros":
		return "para"
	case "c":
		return "com"
	case "d":
		return "de"
	case "ta", "tah":
		return "esta"
	case "to", "tou":
		return "estou"
	case "eh", "he":
		return "e"
	case "hr", "hrs", "hs", "horass":
		return "horas"
	case "min", "mins":
		return "minutos"
	case "seg":
		return "segunda"
	case "qua":
		return "quarta"
	case "qui":
		return "quinta"
	case "sex":
		return "sexta"
	case "sab":
		return "sabado"
	case "dom":
		return "domingo"
	case "dr", "doutor", "doctor", "doutorzinho", "dotor", "drs":
		return "dr"
	case "dra", "doutora", "doutoura", "dotora", "dras":
		return "dra"
	case "cmg":
		return "comigo"
	case "ctg":
		return "contigo"
	case "aki":
		return "aqui"
	case "ae":
		return "ai"
	case "agr", "agrr":
		return "agora"
	case "td", "tdo":
		return "tudo"
	case "okay", "oks", "okk", "oki", "okey", "okei":
		return "ok"
	case "zap", "zapzap", "whats", "wpp", "whatsap", "whatss", "watsap", "zapp", "wats":
		return "whatsapp"
	case "tel", "fone", "cel", "celular", "contato":
		return "telefone"
	case "msg", "mensg":
		return "mensagem"
	case "msgs":
		return "mensagens"
	case "info", "infos":
		return "informacao"
	case "nasc":
		return "nascimento"
	case "eletro":
		return "eletrocardiograma"
	case "tao":
		return "estao"
	case "tds":
		return "todos"
	case "tva", "tava":
		return "estava"
	case "gnt":
		return "gente"
	case "atend":
		return "atendimento"
	case "confirmadissimo":
		return "confirmado"
	case "remarca", "remarque", "remarquem", "remarco", "remarcando", "remarcarmos":
		return "remarcar"
	case "reagenda", "reagende", "reagendem", "reagendando":
		return "reagendar"
	case "desmarca", "desmarque", "desmarquem", "desmarco", "desmarcando":
		return "desmarcar"
	case "cancele", "cancelem", "cancelo", "cancelando", "cancelarem", "cancel", "canselar", "cansela", "canceler":
		return "cancelar"
	case "orario", "horaio", "horarrio", "hrario", "horarip":
		return "horario"
	case "orarios":
		return "horarios"
	case "vlr", "valo", "vallor":
		return "valor"
	case "vls", "vlrs":
		return "valores"
	case "dotores":
		return "medicos"
	case "peto", "petio", "peiot", "peitu":
		return "peito"
	}
	return ""
}

// slashed writes "c/", "p/" and "s/" out.
func slashed(letter string) string {
	switch letter {
	case "c":
		return "com"
	case "p":
		return "para"
	case "s":
		return "sem"
	case "d":
		return "de"
	}
	return ""
}

// wordClass is a list of words that phrases share.
func wordClass(name string) string {
	switch name {
	case "want":
		return "quero|queria|queriamos|queremos|quer|gostaria|preciso|precisava|precisaria|precisamos|desejo|desejaria|pretendo|" +
			"necessito|querendo|precisando|gostariamos|afim|interesse|vontade|quiser|quisesse"
	case "can":
		return "posso|poderia|poderiam|podia|pode|podem|podemos|consigo|conseguiria|consegue|conseguem|conseguimos|da|daria|tem|" +
			"teria|temos|teriam|vou|vamos|bora|como|rola|possivel|possibilidade|jeito|deixa|ajuda|ajude|ajudar"
	case "book":
		return "agendar|agende|agendem|agendamento|agendarmos|agendo|agendando|marcar|marque|marquem|marcacao|marcarmos|marcando|" +
			"reservar|reserve|reserva|encaixar|encaixe|agenda|marca|agend"
	case "visit":
		return "consulta|consultas|consultinha|atendimento|horario|horarios|horarinho|hora|vaga|vagas|vaguinha|visita|retorno|avaliacao|" +
			"encaixe|sessao|exame|exames|procedimento|agendamento|agenda|data|datas|checkup|teleconsulta|revisao|triagem"
	case "doctor":
		return "medico|medica|medicos|medicas|dr|dra|doutores|doutoras|profissional|profissionais|especialista|especialistas|doctor"
	case "send":
		return "mandar|manda|mande|mandem|mandando|enviar|envia|envie|enviem|enviando|receber|recebendo|encher|enche|perturbar|perturbe|" +
			"incomodar|incomode|incomodem"
	case "messages":
		return "mensagem|mensagens|spam|propaganda|propagandas|promocao|promocoes|whatsapp|notificacao|notificacoes|lembrete|lembretes|divulgacao|aviso|avisos"
	case "you":
		return "voces|voce|clinica|consultorio|ai|aqui|eles|ela|ele"
	case "offer":
		return "fazem|faz|fazer|realizam|realiza|oferecem|oferece|trabalham|trabalha|aplicam|aplica|vendem|executam|disponibilizam|prestam"
	case "move":
		return "mudar|mude|muda|mudanca|trocar|troque|troca|alterar|altere|altera|alteracao|adiar|adie|adia|antecipar|antecipa|antecipe|adiantar|adianta"
	case "change":
		return "mudar|mude|muda|mudem|mudanca|trocar|troque|troca|alterar|altere|altera|alteracao|adiar|adie|adia|antecipar|antecipa|antecipe|" +
			"adiantar|adianta|empurra|joga|adiada|adiado|antecipada|transferir|transfere|transfira|postergar|mover|passar|passa|jogar|empurrar|modificar|ajustar|puxar|trocarmos|mudarmos"
	case "clocktime":
		return "sabado|sabados|domingo|domingos|feriado|feriados|noite|noturno|manha|tarde|fim|final|finais|horas|hora|almoco|madrugada|dias|ate|natal|carnaval|pascoa|reveillon|vespera"
	case "insurance":
		return "convenio|convenios|plano|planos|unimed|amil|bradesco|sulamerica|hapvida|notredame|intermedica|ipsemg|cassi|geap|sus|" +
			"particular|porto|assim|prevent|medsenior|iamspe|postal|ipe|samp|seguro|reembolso|carteirinha|golden|allianz|omint|petrobras"
	}
	switch name {
	case "drug":
		return "remedio|remedios|medicamento|medicamentos|medicacao|antibiotico|pomada|xarope|comprimido|dipirona|paracetamol|ibuprofeno|novalgina|dorflex|" +
			"aspirina|amoxicilina|antialergico|antiinflamatorio|anti|corticoide|omeprazol|losartana|rivotril|analgesico|creme|vitamina|cha|tylenol"
	case "finding":
		return "exame|exames|hemograma|colesterol|glicose|glicemia|tsh|resultado|resultados|ultrassom|biopsia|laudo|eletrocardiograma|eletro|raio|" +
			"tomografia|ressonancia|endoscopia|papanicolau|pressao|plaquetas|mamografia"
	case "bad":
		return "pessimo|pessima|pessimos|horrivel|horriveis|lixo|porcaria|merda|bosta|ridiculo|ridicula|ridiculos|incompetente|incompetentes|" +
			"irresponsavel|irresponsaveis|palhaco|palhacos|ladrao|ladroes|burro|burra|burros|burras|inutil|inuteis|imbecil|imbecis|idiota|idiotas|" +
			"picaretas|golpistas|enganadores|mentirosos|vergonhoso|vergonhosa|otarios|nojento|nojentos"
	}
	panic("portuguese: no words called " + name)
}
