package portuguese

// emergencyPhrases are signs that somebody needs help now. Weight 100 is a sign however it is said; weight 99 is an illness
// that people also speak of as a story or a worry (see isStory).
func emergencyPhrases() []phrases {
	return []phrases{
		{emergency, 100, `
			dor|dores|pontada|pontadas|aperto|pressao|peso|queimacao|ardor|ardencia|incomodo|fisgada|fisgadas|dorzinha ?muito|forte|fortes|bem|estranha|insuportavel|aguda|intensa ?forte|fortes|esquisita|aqui|e|ou ?aperto|queimacao|bem ?no|do|na|de|em ?meu|lado ?esquerdo ?do peito|torax|coracao
			peito ?esta|dele|dela|meu|ta|todo ?esta|muito|todo doendo|apertado|apertando|queimando|doi|ardendo|dolorido|pesado|doe|fechando|explodindo
			doi|doendo|apertando|queimando|aperta|doe ?muito|demais|forte|bastante|aqui ?no|o|meu|na ?meu peito|torax
			coracao ?esta parando|falhando|parou
			falta|faltando|sem|ficando ?de|o|um|muita|com ?muito ar|folego|oxigenio
			falta|pouco ?muito|o ar
			nao ?esta|estou|consigo|ta|consegue|ele|ela ?conseguindo|consigo|consegue|da|esta ?mais|nem|direito ?nem|para respirar|respirando
			sem|dificil|dificuldade|dificuldades|mal|dificultando|dificulta|consegue|pouco ?conseguir|para|de|na|em|muito|a|consigo|que ?poder|conseguir|minha respirar|respiracao|respirando|respira
			respirando|respiro|respirar|respiracao ?muito|esta ?com mal|dificuldade|pouco|fraca|ofegante
			sufocando|sufocado|sufocada|sufocar|sufoco|asfixia*|engasgou|engasgado|engasgada|engasgando|engasguei|afogando|afogou|afogado
			desmaiou|desmaiei|desmaiando|desmaiada|desmaiado|inconsciente|desacordado|desacordada|desfaleceu
			vou|quase|acho|para|sinto ?que|vou ?vou ?acabar desmaiar|desmaio|desmaiando|morrer|infartar|enfartar
			perdeu|perdi|perdendo|perda ?a|de|os|o consciencia|sentidos|conciencia
			nao ?esta acorda|acordando|reage|reagindo|acordou ?mais
			tendo|teve|dando|deu|entrou|em|com|crise|esta|sofreu|sofrendo ?uma|um|em|de|com ?crise|ataque ?de|cardiaco convulsao|convulsoes|convulsionando|ataque|epileptica|convulsionou
			convulsionando|convulsionou|infartando|enfartando|infartou|enfartou
			boca|rosto|face|cara|labio|sorriso ?dele|dela|do|da|esta|ta|ficou|meu|minha|lado|toda ?esta|ficou|lado|toda torta|torto|entortou|paralisada|paralisado|caida|caido|entortando|repuxando|puxando|repuxada
			fala|falando|falar|lingua|voz ?dele|dela|esta|ta|ficou|toda|com ?esta|ficou|toda|muito enrolada|enrolado|embolada|arrastada|embolado|estranha|travada|enrolando|enrola|estranho
			lado|braco|rosto|face|metade ?direito|esquerdo|direita|esquerda|do|da|de|todo ?do|da|corpo|todo|rosto ?corpo|esquerdo|direito ?esta|ficou|todo|inteiro|meio ?todo|muito dormente|paralisado|paralisada|formigando|adormecido|adormecida|dormencia|adormecendo|paralisou
			dormencia|formigamento|paralisia|fraqueza|perdi|perdeu ?no|na|em|de|do|os|a|forca|o ?um|todo|forca|movimento|metade|lado ?lado|no|do|na|da ?do braco|lado|rosto|face
			nao ?esta ?consigo|consegue mexer|sinto|mexe|mexo|sentir|mover|sente|movimenta ?mais ?o|a|meu|minha|um|metade|os ?lado|meu braco|perna|corpo|rosto|lado|bracos|pernas
			confusao|confuso|confusa mental|subita|repente|falando
			sangramento|sangrando|sangra|sangue|hemorragia|corte ?nasal|vaginal|saindo ?que|e|ainda nao ?quer|esta|quis para|parar|parando|parou|estanca
			sangramento|sangrando|hemorragia ?vaginal|nasal ?muito|bem|esta|e forte|intenso|muito|demais|bastante|abundante|grande|volumoso
			hemorragia
			muito|bastante|perdendo|perdi|perdeu|jorrando|poca|monte ?muito|de|bastante sangue
			nao ?esta para|parou|parando ?mais de sangrar
			nao ?esta estanca
			sangrando|sangramento|hemorragia ?durante|na|e ?a ?estou gravidez|gravida|gestante
			gravida|gestante .. sangrando|sangramento|sangue
			vomitando|vomito|vomitou|tossindo|cuspindo|tossiu|vomitei ?muito|um|pouco|com ?pouco ?de sangue
			suando|suor|suores|suadeira|sudorese|suo ?muito|bem|e frio|fria|gelado|frios
			labio|labios|boca|unhas ?dele|dela|do|da ?bebe ?esta|estao|ficando|ficou|ficaram ?ficando|meio|muito roxo|roxa|roxos|roxas|azul|azulado|azulada|azulados|arroxeados
			bebe|ele|ela|filho|filha ?esta ficando|ficou roxo|roxa|azul|roxinho|roxinha
			overdose|intoxicado|intoxicada|intoxicacao|envenenado|envenenada|envenenamento|veneno|chumbinho
			tomei|tomou|ingeri|ingeriu|engoli|engoliu muitos|muito|mais|varios|todos|demais|monte|bastante ?os|dos|de comprimidos|remedios|remedio|medicamentos|calmantes|dose
			tomei|tomou|ingeri|ingeriu ?um|o|os|uma|muito ?monte ?de remedio|remedios|comprimidos|medicamento|medicamentos|dose|calmante|calmantes demais|errado|errada|inteira
			tomei|tomou|ingeri|ingeriu ?um|o|os|uma remedio|remedios|comprimidos|dose a mais
			tomei|tomou|ingeri|ingeriu|engoliu ?um|uma|o|a|toda ?a cartela|caixa|vidro|frasco|veneno
			bebeu|bebi|tomou|ingeriu|comeu|engoliu ?um|o|a|produto ?pouco ?de desinfetante|cloro|soda|detergente|sanitaria|alvejante|querosene|gasolina|chumbinho|limpeza
			exagerei ?no|nos|na remedio|remedios|comprimidos|dose|medicacao
			engoliu|engoli ?uma|um pilha|bateria|moeda|objeto|brinquedo|prego|vidro|iman
			suicidio|suicidar|suicida|suicidarme|suicidas
			me|se matar|enforcar|cortando
			quero|vontade|queria|penso|pensando|pensado|pensamento|pensei|melhor|desejo|preferia ?de|em|so|estar|se|estava ?eu|me|estar|se morrer|morta|morto|matar|morresse
			nao ?quero|aguento|queria|vejo|consigo|tenho mais ?sentido|razao|vontade ?em|de|para|a|estar|continuar viver|vivo|vida|viva
			nao ?quero|queria ?continuar|estar|mais viver|vivo|viva
			nao vejo|tem ?mais sentido|razao ?em|de|para ?viver|na vida|viver
			tirar|acabar|acabo|tirei|fim|cabo|terminar ?com|a|na|da|em|de ?a|na|da minha|propria ?propria vida
			autolesao|automutilacao
			acidente ?de|muito|bem|foi ?carro|moto|transito ?muito|foi grave|feio|serio|agora|feia
			batida|colisao|queda|capotamento|atropelamento ?de|muito|foi ?carro|moto|altura ?muito|foi grave|feio|seria|feia
			capotei|capotamos
			sofri|sofreu|tive|teve|acabei|acabou|acabamos|houve|aconteceu ?de|um ?sofrer|ter|um acidente|atropelamento
			atropelado|atropelada|atropelaram|baleado|baleada|esfaqueado|esfaqueada|facada|facadas|tiros|capotou
			levou|levei|tomou|tomei|recebeu um|uma tiro|facada|choque
			choque eletrico|anafilatico|anafilaxia
			anafilaxia|anafilatico|anafilatica
			garganta|lingua|glote ?esta|toda ?esta fechando|fechou
			lingua|labios ?esta|estao|dele|dela ?muito inchando|inchou|inchada|inchados|incharam
			edema de glote
			alergia|alergica|reacao ?alergica|muito ?alergica|muito|bem grave|forte|severa
			picada|picado|picada|picou|picou|mordido|mordida|mordeu|ferroada ?de|por|pela|pelo|uma|um|foi|por ?uma|um|pelo cobra|escorpiao|aranha|jararaca|cascavel|serpente
			cobra|escorpiao me|picou|mordeu
			queimadura|queimou|queimei|queimado|queimada ?muito|bem|o|de|com|toda|todo|foi ?corpo|rosto|agua|oleo|terceiro|segundo ?muito corpo|grave|todo|fervendo|quente|grau|feia|serio|feio|extensa|fogo
			bateu|bati|batida|pancada ?com|forte|muito|feio ?com ?a|na|de cabeca
			fratura exposta|aberta
			osso ?para|esta fora|exposto|aparecendo
			traumatismo
			bolsa estourou|rompeu|estorou
			trabalho de parto
			contracoes ?muito|estao|de|a ?muito fortes|cada|minuto|perto|minutos|forte
			pior|insuportavel dor ?de ?cabeca ?da
			dor ?de|na|muito ?cabeca|barriga|muito insuportavel|subita|repentina|excruciante
			nao ?estou|consigo|consegue enxergando|enxergo|enxergar ?mais ?nada|direito|de ?um|nada repente|olho|nada
			perdi|perdeu|perda|perdendo ?a|da|de|subita ?visao|subita|da visao
			parada cardiaca|respiratoria|cardiorrespiratoria
			ataque cardiaco|coracao
			ambulancia|samu|socorro
			e|estou|esta|numa|caso|tenho|temos|isso|situacao|preciso ?em|uma|um|de|e|com|numa|atendimento ?uma|caso|de|atendimento emergencia|emergencial|emergente
			^ ?uma|e|socorro emergencia|urgencia|socorro ?medica $
			estou|esta|ele|ela|meu|minha|acho|sinto ?estou|que|esta|pai|mae|filho|filha|avo|marido|esposa ?esta|estou|vou|vai morrendo|morrer
			febre ?alta ?e|com convulsao
			bebe|recem|filho|filha ?nascido|esta ?nao|esta|todo mole|molinho|roxo
			bebe|recem|filho|filha ?nascido nao ?esta ?se respira|reage|mexe|respirando|mexendo|acorda
			caiu|desmaiou|bateu .. nao ?esta ?mais responde|respondendo|reage|acorda|levanta
			pai|mae|filho|filha|avo|marido|esposa|bebe|irmao|irma nao ?esta ?mais responde|respondendo|reage|acorda $
			pensando|pensei|penso|vontade|vou|quero|fazer ?em|de ?fazer ?uma besteira|bobagem|loucura ?comigo|contra ?mim
			fazer ?uma besteira|bobagem|loucura|mal comigo|contra
			vou|quero|queria|estou|penso|pensando|vontade|comecei ?em|de|a me cortar|machucar|ferir|machucando|cortando|ferindo
			fraqueza|formigamento|dormencia ?muita|forte ?no|na|nao|em|de ?meu|um|so lado|braco|perna|rosto|face
			me ?cortei|cortando|cortar|machuquei|machucar|ferir|feri|queimei .. proposito
			acabar|acabo|acabou|terminar com tudo
			ninguem .. sentir ?a minha falta
			vida nao ?faz|tem|vale ?faz|tem ?mais sentido|pena|razao|valor
			nao vejo ?mais sentido|saida|razao ?em|na|para ?nada|vida $
			me|se jogar|joguei|jogou|atirar
			vou|quero|queria embora desse|deste mundo
			metade|lado ?direito|esquerdo ?do|de|da ?meu|minha|seu corpo|rosto ?esta|todo|ficou ?esta|ficou dormente|paralisado|paralisada|formigando|adormecido|dormencia
			nao|sem ?estou|consigo|conseguir|consegue|conseguindo ?mexe|mexo|sinto|sente|mexer|mover|sentir|movimentar ?mais ?o|a|os|as ?lado|meu|minha|meus|minhas ?direito|esquerdo|lado braco|perna|pernas|bracos|corpo|rosto|direito|esquerdo|direita|esquerda
			falando|fala|falar ?umas|muitas|so coisas|coisa|palavras ?que ?sem|nao|desconexas|fazem|confusas sentido|nexo|desconexas
			dor ?de|na cabeca ?a|e ?mais|pior forte|da|de ?da|de|ja ?minha|senti vida
			cuspi|cuspiu|cuspo|escarrei|escarrou|tossi|tosse|evacuei|vomitos ?com|um|pouco|muito|de ?de sangue
			febre ?alta|de|com ?%number ?e ?esta mole|molinho|molinha|convulsao|delirando|rigida
			queimei|queimou|queimado|queimada ?o|a|com|as|toda|todo ?rosto|corpo|mao|braco|perna|com|maos ?com ?agua|oleo|alcool|acido|fogo|soda oleo|alcool|acido|fogo|soda|fervendo|quente|fervente|rosto
			osso .. fora|exposto|aparecendo|aparece
			tiro|tiros|facada|facadas|bala ?no|na|nas|nos ?meu|minha braco|perna|barriga|peito|costas|cabeca|ombro|rosto|pescoco
			surto .. faca|arma
			com uma faca|arma
			caiu|cai|despencou|caido ?de|do|da|uma|um ?uma|um|segundo|terceiro telhado|laje|andaime|altura|predio|janela|andar|sacada|penhasco
			parou|parando|parado|para ?de ?de respirar|respirando
			gente|alguem|pessoas|pessoa|feridos|criancas ?muito ferido|ferida|feridos|feridas|presa presas|ferragens|grave
			gente|alguem|pessoas|pessoa|criancas ?muito ferido|ferida|feridos|feridas
			crise ?muito ?forte|grave ?de asma|asmatica|falta ?forte|grave
			bombinha nao ?esta resolve|resolvendo|adianta|adiantando|funciona|funcionando|alivia|fazendo
			engolir|engoliu|engoli|aspirou ?um|uma|o|a bateria|agulha|alfinete|pilha|caroco|brinquedo|bolinha`},
		{emergency, 99, `
			infarto|enfarto|infarte|infartado|infartada|avc|derrame|aneurisma|convulsao|convulsoes|desmaio|desmaios|embolia|trombose
			desmaiar`},
		{pastOrOther, 2, `
			ano|anos|mes|semana|seculo|vez passado|passada|passados|retrasado|retrasada|atras
			ha|faz ?mais|uns|quase|muitos|varios|algum|alguns ?de|uns ?%number|uma|um|dois|duas|tres|quatro|cinco|seis|oito|dez|quinze|vinte|trinta|alguns|muito|muitos|varios|bastante|uns ano|anos|mes|meses|tempo|semanas|decada
			em|desde|de|ano 199*|200*|201*|202*
			quando ?eu|ele|ela|era|tinha ?era|tinha crianca|jovem|anos|pequeno|pequena
			infancia|antigamente
			morreu|faleceu|falecido|falecida`},
		{pastOrOther, 1, `
			ja tive|teve|tinha|sofri|sofreu|passei|fiz
			historico|risco|riscos|prevenir|prevencao|evitar|medo|receio|pos|recuperacao|reabilitacao|sequela|sequelas|casos|antecedente|antecedentes|hereditario|genetico|familia|familiar|familiares|palestra|curso|trabalho|duvida
			depois|apos|pos|antes ?de|do|da|o|a|um|uma infarto|avc|derrame|cirurgia|convulsao`},
		{idiom, 1, `
			morrer|morrendo|morro|morri|matar|matando|matou|mata ?de|do|quase ?de rir|vergonha|fome|sede|saudade|saudades|medo|amor|calor|frio|tedio|raiva|curiosidade|sono|vontade|inveja|ansiedade|susto|tanto|rindo
			tiro de|no|e letra|pe|queda
			peso ?na|de consciencia
			sem ar|folego de|com ?tanto|essa|a rir|noticia|beleza|novidade
			ar condicionado
			falta de ar condicionado
			filme|novela|serie|livro|sonhei|sonho|jogo`},
	}
}

// isEmergency reports whether the message tells of somebody who needs help now. In doubt it does.
func (m *message) isEmergency(hits []hit) bool {
	if m.hasHighPressure() {
		return true
	}
	for _, h := range hits {
		if h.signal == emergency && !m.isNegated(h) && !m.isStory(h, hits) {
			return true
		}
	}
	return false
}

// isStory reports whether a sign is one of long ago, a worry, or a manner of speaking.
func (m *message) isStory(sign hit, hits []hit) bool {
	start, end := m.sentence(sign.start)
	for _, h := range hits {
		switch {
		case h.signal == idiom && h.start < sign.end+3 && h.end > sign.start-1:
			return true
		case h.signal == pastOrOther && (h.weight == 2 || sign.weight < 100) && h.start >= start && h.end <= end:
			return true
		}
	}
	return false
}

// hasHighPressure finds a blood pressure of 18 by something, or more.
func (m *message) hasHighPressure() bool {
	for i, t := range m.tokens {
		if t.word != "pressao" {
			continue
		}
		for j := i + 1; j < len(m.tokens) && j <= i+6; j++ {
			if n := m.tokens[j].number(); n >= 18 && n <= 30 || n >= 180 && n <= 300 {
				return j+1 < len(m.tokens) && (m.tokens[j+1].word == "por" || m.tokens[j+1].word == "x" || m.tokens[j+1].sep == "/")
			}
		}
	}
	return false
}
