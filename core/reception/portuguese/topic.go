package portuguese

import (
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
)

// topicPhrases are how people ask for what is no intent of its own.
func topicPhrases() []phrases {
	return []phrases{
		{asksAddress, 1, `
			onde|aonde ?que ?e|a|o ?voces|clinica|consultorio ?se fica|ficam|localiza|localizada|localizado|situada|atende|atendem
			onde|aonde ?e|esta|estao|que ?a|o|e|que voces|clinica|consultorio
			^ ?e onde|aonde ?e ?mesmo $
			qual|quais|que|me|manda|mande|passa|passe|envia|envie|saber|informa|informar|preciso|quero|esqueci|e .. endereco|localizacao
			^ ?o|a endereco|localizacao
			endereco|localizacao ?da|do|de|dai clinica|consultorio|voces|ai|dai|por|completo|exato
			qual|que|em ?e|que ?a|o rua|bairro
			fica|ficam|e ?em|na|no|ai que bairro|cidade|rua|lugar|parte
			fica|ficam|e perto|proximo|proxima de|do|da|ao
			ponto de referencia
			como ?que|eu|faco|faz|posso|para ?faco|eu|para chego|chegar ?ai|la|ate|na|no|de
			nao acho|encontro|achei|encontrei|estou .. endereco|clinica|lugar|entrada|predio
			estou|to perdido|perdida`},
		{asksPayment, 1, `
			aceita|aceitam|aceitar|passa|passam|posso|pode|da|pagar|pago|paga|pagamento .. cartao|credito|debito|pix|dinheiro|boleto|cheque
			tem|so|via|por|pelo|no|em|e pix|cartao|debito|boleto|crediario|maquininha
			^ ?e|o pix|cartao|debito|boleto $
			forma|formas|meio|meios|opcoes|condicoes|condicao|jeito de|para pagamento|pagar|parcelamento
			parcelar|parcelam|parcela|parcelado|parcelamento|parcelas|parcelo
			divide|dividem|dividir .. vezes|cartao|x|%number
			em|ate quantas vezes|x
			como ?que|e|eu|posso|faco|para ?o|eu|fazer ?o pagamento|pagar|pago
			pagar|pago|paga|pagamento .. antes|depois|adiantado|sinal|hora
			desconto|descontos|promocao|promocoes|cupom
			a vista`},
		{asksInsurance, 1, `
			convenio|convenios|carteirinha|unimed|amil|sulamerica|hapvida|notredame|intermedica|ipsemg|cassi|geap|iamspe|medsenior|omint|allianz
			plano|planos|seguro ?de saude
			aceita|aceitam|atende|atendem|cobre|cobrem|trabalham|trabalha|pelo|por|meu .. plano|planos|bradesco|sus|seguro
			qual|quais|que plano|planos|convenio ?que|e ?voces|voce atende|atendem|aceita|aceitam
			credenciado|credenciada|credenciados`},
		{asksAssistant, 1, `
			voce|voces|isso|aqui|falando|estou|e|com .. robo|bot|chatbot|maquina|ia|inteligencia|automatico|automatica|computador|humano|humana|virtual
			voce|isso|aqui|ai|e ?nao|mesmo e ?uma|um|de pessoa|gente|humano|humana|verdade
			^ ?e robo|bot|humano|pessoa $
			falando|falo|converso|conversando ?agora com|e quem
			com|e quem ?e|que ?eu ?estou|to falo|falando|conversando
			quem ?e|esta|que ?que ?e|esta voce|fala|falando|escreve|escrevendo|responde|respondendo
			qual|saber|me ?e|diz ?o seu|teu|sua nome $
			como ?e|que voce se chama
			como ?e|que ?se chama voce`},
		{asksMedical, 1, `
			posso|pode|podemos|devo|deveria|poderia|precisa|preciso|faz|tem ?eu|ele|ela|mal|problema|que|de|continuar|parar|se ?eu|de|a|o|continuar|parar ?de tomar|tomo|tomando|misturar|ingerir
			posso|pode|devo ?eu|continuar|parar ?com|de usar|usando|passar ?o|a|um|uma|de|esse|essa|com @drug
			que|qual|quais|algum|alguma ?e|o|a|tipo|seria|os|as ?o|a|de|melhor @drug ?e|que|para|eu|e|devo|posso|serve|tomo|bom|boa|indicado|tomar|passo
			que|qual|quais ?e|seria|o|a ?o|a|melhor dose|dosagem|quantidade|posologia ?de|do|da ?@drug
			quantas|quantos|quanto gotas|comprimidos|miligramas|mg|ml|comprimido
			me|pode|podem|poderia ?me ?voce ?pode receita|receitar|receitam|indica|indicar|indicam|recomenda|recomendar|prescrever|passar|passa ?um|uma|algum|alguma|o|a|esse @drug
			indica|indicam|recomenda|recomendam|receita|receitam|prescrevem ?um|uma|algum|alguma|o|a|esse @drug
			@drug ?e|nao serve|resolve|ajuda|funciona|corta|melhora|faz|causa
			o que ?sera ?que ?isso pode|poderia|deve|devem|seria ser
			o que sera ?que ?e ?isso|essa|esse
			o que ?que ?sera|e ?que ?sera ?eu tenho|estou|tem
			o que ?que e|sao ?essa|esse|isso|esta|essas|esses|uma %symptom
			o que ?eu|que ?eu posso|devo|faco|tomo|passo|tomar|fazer|passar ?fazer|tomar|passar|usar ?quando|para|com|na|no|contra|em|pra ?a|o|essa|esse|minha|meu|melhorar|aliviar ?a|o %symptom|dor|dores|febre|tosse|coceira|alergia|inchaco
			sera ?que ?e|isso|eu|ele|ela|tenho|estou|pode ?ser|e|estou ?com ?um|uma|algo grave|serio|cancer|normal|perigoso|infarto|dengue|covid|virose|infeccao|alergia|tumor|maligno
			e|isso ?muito|algo|coisa|caso|um|e|nada ?muito|algo grave|perigoso|perigosa|cancer|preocupante|maligno|contagioso|tumor
			e normal .. %symptom|doer|inchar|sangrar|sentir|coçar|coçando|doendo|cocar|cocando|inchado|vermelho
			e normal $
			pode ser .. grave|cancer|infarto|avc|infeccao|alergia|dengue|tumor|serio
			tem|existe cura
			@finding ?de|do|da|meu|que|que ?sangue deu|deram|veio|vieram|apareceu|apareceram|saiu ?um|uma|com|em alterado|alterada|alterados|alto|alta|altos|baixo|baixa|positivo|anormal|ruim|reagente|alteracao
			interpretar|interpreta|analisar|analisa|explicar|explica|entender|decifrar|avaliar ?para|me|mim ?o|os|um|esse|este|a ?meu|meus|minha|resultado|resultados|do|de|dos @finding
			olhar|olha|ver|ve ?para mim ?o|os|esse|este meu|meus|esse|este @finding
			o que ?e|que significa|quer .. @finding|isso|alterado
			me|fazer|dar|faz|da|saber|seu|um ?o|um|meu|pode diagnostico|diagnosticar
			gravida|gestante|amamentando|amamento|gravidas|lactante .. pode|posso|podem
			posso|pode|podem .. gravida|gestante|amamentando|lactante|gravidas
			faz|da mal|problema .. tomar|usar|@drug`},
	}
}

// complaintPhrases are how people show that they are annoyed. Strong words count only where they are aimed at the clinic, or
// stand alone: "uma dor do caralho" is a pain.
func complaintPhrases() []phrases {
	return []phrases{{complains, 1, `
		que|isso|acho ?aqui|isso ?e|esta ?um|uma|muito|tudo|o|maior|mesmo absurdo|palhacada|descaso|desrespeito|bagunca|sacanagem|ridiculo|lixo|porcaria|inaceitavel|vergonhoso|esculhambacao
		^ e|esta ?um|uma|muito absurdo|palhacada|descaso|desrespeito|bagunca|sacanagem|ridiculo
		^ absurdo|palhacada|ridiculo|descaso|desrespeito|vergonha|merda|porra|caralho|bosta|fdp|vsf|vtnc|pqp|lixo|pessimo|horrivel $
		que|e|uma vergonha ?isso|de|esse|voces|essa|atendimento $
		@bad atendimento|servico|clinica|recepcao
		atendimento|servico|clinica|recepcao|lugar|voces|voce|robo|bot|assistente|maquina ?ai|de|aqui ?e|sao|foi|esta|estao|tao ?um|uma|uns|umas|muito|tudo|mesmo|bando|cambada ?de @bad
		bando|cambada|monte de @bad|vagabundos|vagabundo
		seu|seus|sua|suas @bad
		vou|irei|vamos ?ter|ter ?que|de|te|os|lhes|voces processar|denunciar|reclamar
		processar|processo|denunciar|denuncio voces|clinica|a
		procon|reclameaqui
		reclame aqui
		falta de respeito|educacao|consideracao|profissionalismo|vergonha
		nunca mais ?eu|que ?eu volto|piso|marco|venho|indico|apareco|recomendo
		estou|fiquei|saio ?muito|bem|super|extremamente|completamente indignado|indignada|revoltado|revoltada|puto|puta|furioso|furiosa|insatisfeito|insatisfeita|decepcionado|decepcionada|irritado|irritada
		com|que raiva|odio de|desse|dessa|disso|isso voces|clinica|atendimento|robo
		cansei|estou ?ja ?cansado|cansada|farto|farta|cheio|cheia ?de esperar|disso|voces
		vai|va|vao|vaum ?se|tomar|para ?a|o|no|na|se foder|fuder|ferrar|lascar|merda|cu|inferno|catar|pqp
		que merda|porra|bosta|droga ?e|de ?essa|esse|isso|atendimento|clinica|robo|servico
		filho|filha|filhos|filhas da puta
		voces|voce ?so|nao ?me|nos enrolam|enganam|respeitam|enrolando|enganaram|ignoram|ignorando|enrolaram|enganando
		ninguem ?aqui|ai presta|trabalha|respeita
		que demora|enrolacao|atendimento ?e|mais ?essa|esse|horrivel|ruim|pessimo $
		isso nao ?se faz|existe|pode ficar assim`}}
}

// aside reads what the message asks and shows beside its intent.
func (m *message) aside(out *reception.Meaning, hits []hit, heard classify.Verdict, state reception.State) {
	asides := vocabulary().asides.find(m)
	out.Angry = has(m, asides, complains)
	for _, t := range []struct {
		signal signal
		topic  reception.Topic
	}{
		{asksMedical, reception.AskMedical},
		{asksAssistant, reception.AskAssistant},
		{asksInsurance, reception.AskInsurance},
		{asksPayment, reception.AskPayment},
		{asksAddress, reception.AskAddress},
	} {
		if out.Topic == reception.NoTopic && has(m, asides, t.signal) {
			out.Topic = t.topic
		}
	}
	// While something is being arranged the sound of a message is not enough: it is the answer to what was asked.
	practical := has(m, hits, informs) || !isArranging(state) && heard.Label == labelPractical && heard.Probability >= barSilent
	answers := out.Yes || out.No || out.Option > 0 || out.ThisNumber || out.Patient != (agenda.Patient{})
	if out.Topic == reception.NoTopic && out.Intent == reception.Other && !out.OwnVisit && practical && !answers {
		out.Topic = reception.AskPractical
	}
	m.choose(out, asides)
}
