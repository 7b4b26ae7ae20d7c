package portuguese

// questionPhrases are how people ask for prices, hours, services and professionals.
func questionPhrases() []phrases {
	return []phrases{
		{asksPrice, 80, `
			quanto ?que|e|esta|mais|ou|menos|voces|voce|ele|ela|seria|ai|eu|vou|o|a|dr|dra|%name|%specialty custa|custam|custaria|fica|ficaria|ficam|sai|sairia|cobra|cobram|cobraria|vale|vou|pago|pagar|gasto|gastar|ficou|paga|pagaria
			quanto ?que e|seria|esta|estao|sao|da|vai|ia|ta|ficar|fica|custar|por|a|o|para|pra ?o|a|os|as|um|uma|cada|essa|esse|ficar|custar|sair|fazer|seu|sua|saindo|cobrando ?@visit|%ref
			quanto ?a|o|uma|um|de|para|pela|pelo|por @visit|%ref|fazer|sessao
			@visit|%ref ?particular|com|ai|sai|esta ?ai|o|a ?%ref ?e|sai|fica|custa|por quanto
			quanto ?e|fica|sai|custa $
			^ ?e|oi|ola quanto $
			qual|quais|saber|sobre|informar|informe|passar|passa|passe|enviar|envia|mandar|manda|me|diz|dizer|fala|falar|ver|tem|teria|consultar|conhecer|verificar|confirmar|e|quero|queria|gostaria|preciso ?de|e|sao|seria|me|o|a|os|as|do|da|que ?e|o|a|os|as|uma|algum|quais ?sao|de ?previsao|media|base|estimativa|tabela|faixa|informacao|nocao ?de|dos|do ?o|os valor|valores|preco|precos|custo|custos|investimento|precinho|taxa|honorario|honorarios|valorzinho
			valor|valores|preco|precos|custo|tabela ?e|medio|atual|total|fica|ficaria|aproximado ?de|da|do|das|dos|para|por|com ?um|uma|o|a|os|as|cada|fazer|primeira|meu|minha @visit|%ref|procedimento|procedimentos|sessao|servico|servicos|consulta|precos
			quanto|qual|quais|qto .. valor|valores|preco|precos|custo|custa|custam
			^ ?e|o|a|os|as|qual|sobre valor|valores|preco|precos|orcamento|tabela
			@want ?de|um|saber|fazer|pedir|ver|o|me|passar ?um|o|os|fazer orcamento|valor|valores|preco|precos
			fazer|faz|fazem|faco|passar|passa|pedir|solicitar|me|mandar|manda|envia|um ?um|uma|o orcamento|cotacao
			orcamento|cotacao
			gratis|gratuito|gratuita|gratuitas
			de graca
			e|consulta|avaliacao|retorno|esta|sao ?e pago|paga|cobrado|cobrada|cobra|gratuita|gratuito|gratis
			cobra|cobram quanto|por|pela|pelo|caro|taxa|a|o|para|algum|alguma
			^ ?e|sai|fica ?muito caro ?ai $
			e|muito|sai|fica ?muito caro|cara|barato|barata ?o|a %ref|consulta|avaliacao|ai
			r custa
			valor|valores|preco|precos ?por ?favor $
			cobra|cobram|cobrado .. consulta|retorno|avaliacao|taxa
			informa|informam|diga|passam|conta ?me ?o|os valor|valores|preco|precos
			@visit|%ref ?e|o|a valor|valores|preco|precos|quanto
			saber|informacoes|informacao|duvida|duvidas ?mais|quanto|sobre|do|de|o|os|dos valores|precos|valor|preco
			previsao|nocao|media|faixa|estimativa ?de valor|preco|custo
			pagar|pago|paga|parcelar|dividir|divide|dividem ?a|o ?consulta|tratamento ?no|em|com|por|pelo|ate boleto|pix|cartao|dinheiro|debito|credito|vezes|%number
			como|onde|quando ?e|que|eu|faco|fazer ?que|para ?eu|faco pago|pagar|pagamento
			posso|da|pode|precisa|preciso|tenho|tem ?que|de|para ?eu pagar ?um|uma|so depois|antes|sinal|adiantado|entrada|na|no
			paga|pago|pagar ?so na|antes|depois|adiantado
			ainda ?e|esta ?a %number reais`},
		{asksPrice, 55, `
			parcelar|parcelam|parcela|parcelado|parcelamento|parcelas|parcelado|parcelo
			pix|debito|boleto|dinheiro|cheque|crediario|maquininha
			forma|formas|meio|meios|opcoes|condicoes|condicao|metodo|jeito ?de|para pagamento|pagar|parcelamento
			aceita|aceitam|aceitar|pagar|pago|passa|pagamento ?em|no|na|com|por|de|o|so|tambem cartao|credito|debito|pix|dinheiro|vezes
			desconto|descontos|promocao|promocoes|cupom
			a vista
			pacote|pacotes|combo
			%number reais
			precinho
			divide|dividem|dividir
			em|ate quantas|%number vezes|x
			como ?que|e|eu|funciona|posso|faco|para ?o|eu|fazer ?o pagamento|pagar|pago`},
		{asksHours, 76, `
			horario|horarios ?normal|de ?seu|o|do|da|dos funcionamento|atendimento|abertura|fechamento|expediente|trabalho|visita|almoco|comercial|recepcao|clinica
			que|ate|qual|quais|em ?que|a|as|os|o|sao hora|horas|horario|horarios ?e|que|a|o|as|voces|voce|sao ?a|o|voces|eles|ela|clinica|consultorio|dr|dra|%name|%specialty ?de|do ?hoje|amanha|%when abre|abrem|fecha|fecham|funciona|funcionam|atende|atendem|atendimento|comeca|comecam|encerra|termina|para|vai|vao|esta|estao|trabalha|trabalham|fica|ficam
			@you|%name|%specialty|especialista ?nao|tambem|so|ja|ainda|o|a|da|de ?voces abre|abrem|atende|atendem|funciona|funcionam|trabalha|trabalham|atendendo|atendimento|estara|estarao|vai|vao|abrirao|esta|estao .. @clocktime|%when
			abre|abrem|atende|atendem|atendendo|funciona|funcionam|trabalha|trabalham|aberto|abertos|aberta|atendimento|fecha|fecham|expediente|abrir .. @clocktime|%when
			abre|abrem|fecha|fecham|funciona|funcionam ?que|a|hoje|ai ?horas|que $
			@you ?nao vai|vao|irao ?estar abrir|atender|funcionar|fechar|abertos|aberta
			esta|estao|estarao|fica|ficam aberto|abertos|aberta|abertas|fechado|fechada|fechados|funcionando|atendendo
			quais|que|qual ?sao|e ?os|o dias|dia ?da|de|e ?semana|atendimento|horarios|horario ?que|o|a|os|da|do|@you|%name|%specialty|@doctor ?que|o|a|%name|%specialty|@doctor atende|atendem|atendimento|funciona|funcionam|abre|abrem|trabalha|trabalham|esta|estao|vem
			quando ?e|que|o|a|os|as|@you|%name|%specialty|@doctor ?%name|%specialty atende|atendem|funciona|abre|abrem|trabalha|vem
			qual|quais|saber|informar|me|informe ?diz|fala|e|sao|o|os|seria|a ?o|os|e|sao ?seu|seus horario|horarios ?de|do|da|dos|dele|dela|que|ai ?o|a @doctor|@you|%name|%specialty|dele|dela|ai|funciona|clinica
			^ ?qual|quais|e ?e|sao|o|os ?o|os horario|horarios ?do|da|dos|de|com ?o|a ?@doctor|%name|%specialty|@you|atendimento $
			dias|dia|horarios|horario ?que|de|em ?o|a ?@doctor|@you|%name|%specialty atende|atendem|atendimento|trabalha|vem
			ate ?as|a que ?horas|hora|horario
			abre|abrem|fecha|fecham ?as ?que horas|quando|hora|cedo|tarde
			plantao|24 horas
			expediente|plantao
			partir de que horas|hora|horario
			24 h|horas
			horas|hora de atendimento|funcionamento
			horario|horarios de|da|para ?a coleta
			ja|ainda ?esta|estao fechou|fecharam|abriu|abriram|aberto|aberta|abertos|fechado|fechada
			me|nos|pode|podem|poderia ?me|nos informa|informar|informe|diz|dizer|passa|passar|fala ?por|qual ?favor|e ?o|os horario|horarios ?de|da @you|funcionamento|atendimento
			de %when a|ate ?a|o %when ?e ?de|a|ate que horas|hora|horario
			natal|carnaval|pascoa|reveillon|recesso|vespera .. atende|atendem|abre|abrem|funciona|funcionam|atendimento|aberto|voltam|voltar
			vai|vao|irao|havera|voltam|volta|voltar ?ter|do|a|estar ?abrir|atender|funcionar|aberto|abertos|aberta|atendimento ?no|na|em|entre|do natal|carnaval|pascoa|reveillon|recesso|vespera|feriado|ferias`},
		{asksServices, 72, `
			quais|qual|que|saber|lista|sobre|conhecer|informacoes|ver|me|mostra|mostre|os|dos|todos ?e|sao|os|o|as|de|tipos|tipo|dos|outros|outras|mais ?os|as|de ?tipos|outros ?de servico|servicos|procedimento|procedimentos|tratamento|tratamentos|exame|exames|especialidades|terapias
			o|oque que ?e|tipo|mais @you ?@offer|tem|atendem|atende
			o que ?mais|que ?@you @offer|tem ?ai|de
			^ ?os|as servicos|procedimentos|exames|tratamentos
			servicos|procedimentos|tratamentos|exames ?que ?@you @offer|disponiveis|oferecidos|realizados
			com o|oque ?que ?@you trabalham|trabalha`},
		{asksServices, 71, `
			saber|informacoes|informacao|detalhes|duvida|duvidas ?mais|um ?melhor|pouco sobre ?o|a|como %service
			como funciona|funcionaria|e feito|feita ?o|a ?%service
			como funciona|funcionaria ?o|a %service|procedimento|tratamento`},
		{asksServices, 72, `
			diferenca|diferencas|melhor entre|do|da|para .. %service
			diferenca entre
			posso|pode|podem fazer|realizar|aplicar|usar ?isso ?mesmo gravida|gestante|tomando|usando|tendo|durante|mesmo|amamentando
			^ gravida|gestante|quem|diabetico|diabetica|hipertenso|idoso|crianca .. pode|posso|podem fazer|realizar|usar
			^ serve|funciona para quem|que
			partir de quantos|quantas|que anos|idade|meses
			incluso|inclusa|incluido|incluida|inclui
			e|so presencial|online|remoto|remota|video ou
			atende|atendem|atendimento ?em|a casa|domicilio|domiciliar
			fazem|faz|emitem|emite|dao ?o|um laudo|laudos|atestado|atestados|relatorio|pericia
			tratamento|solucao para %symptom
			precisa|preciso|tem ?de|que ?ficar|fazer ?de repouso|anestesia|preparo|jejum
			tratam|atendem ?casos|pacientes|criancas ?de|com autismo|tdah|depressao|ansiedade|deficiencia|autista|autistas
			como ?e|que|seria ?e ?a|o primeira|primeiro sessao|consulta|atendimento
			como funciona|seria|sera ?a|o ?primeira|primeiro ?consulta|sessao|avaliacao $`},
		{asksServices, 68, `
			@you|ai|la ?tambem|nao|ja|ainda @offer|tem|teria|aplica|aplicam|atende|atendem ?com|de|esse|essa|o|a|um|uma|tipo|algum|aplicacao|exame|tratamento|sessao ?de %service|%symptom
			@offer|tem ?ai|esse|o|a|um|uma|de|tambem|com|aplicacao|exame|tratamento|sessao ?de %service
			@you @offer ?esse|essa|o|a|um|uma|algum|algo ?tipo|exame|exames|procedimento|procedimentos|tratamento|cirurgia|cirurgias
			@offer ?esse|essa|o|a|um|uma|algum|algo|tipo exame|exames|procedimento|procedimentos|tratamento|cirurgia|cirurgias|laser|teste ?de|para|em $
			atendem|atende|tratam|trata|cuidam|cuida|resolvem|resolve ?de|com|casos|caso|problema|problemas ?de %symptom
			como ?e|que|funciona|se|faz|feito|seria|ocorre ?que ?e|funciona|feito|feita|faz ?feito|feita|a|o|esse|essa ?o|a|esse|essa|sessao|de %service|procedimento|tratamento|exame|avaliacao|consulta|aplicacao|sessao
			quanto|quantas|quantos ?de ?tempo|sessoes|dias|horas|minutos ?que|leva|demora|dura|e|sao|precisa|preciso|para ?o|a|em|tempo|media dura|demora|leva|procedimento|%service|sessao|consulta|exame|avaliacao|recuperacao|preciso|efeito|necessarias|resultado
			quanto tempo
			demora ?muito|quanto|o|a|para .. %service|procedimento|exame|consulta|resultado
			doi|dolorido ?muito|fazer|para|o|a ?%service
			precisa|preciso|tem ?de|que|fazer|ter preparo|contraindicacao|repouso|jejum|anestesia|contraindicacoes
			recuperacao|contraindicacoes|efeitos
			serve|indicado|indicada|funciona|resolve ?para ?o|a|que|quem %service|%symptom
			o que e ?o|a|esse|essa %service|procedimento|exame|tratamento
			@want|informacoes|informacao|detalhes|duvida|duvidas|explicar|explica|entender|conhecer ?de|saber|entender|tirar|uma ?um|pouco|mais|melhor|sobre|como|do|da|o|a|de|se|duvidas|duvida ?sobre|e|funciona|o|a|do|da|fazem|tem ?o|a %service|procedimento|tratamento
			saber|informacoes|informacao|detalhes|duvida|duvidas|mais ?mais|um|melhor|de ?pouco ?sobre|de|do|da ?o|a %service|procedimento|tratamento`},
		{asksProfessionals, 74, `
			quais|qual|que|lista|listar|relacao|ver|conhecer|nome|nomes|todos|me|mostra|mostre|mostrar|liste|saber|opcoes|equipe|os|as|sobre|quero|tem ?e|sao|o|a|os|as|de|dos|das|do|da|todos|esses|ai|lista ?os|as|de|e|o|a|dos|nome|nomes|lista|todos ?dos|de|do|os medicos|profissionais|doutores|especialistas|medicas|dentistas|especialidades|especialidade|corpo|doutoras|psicologos
			quais|que|qual ?e|o|a|tipo|tipos ?de|os medico|medica|profissional|dr|dra|especialista|especialidade|doutor|dentista ?que|e|de|voces|esta|pode|vai ?esta|tem|atende|atendem|trata|disponivel|faz|cuida|me|de|ai|atendendo|trabalha|indicado
			quem ?e|sao|que|ai|o|os ?e|os|as|o|a ?que @doctor|atende|atendem|faz|fazem|realiza|aplica|atendera|cuida|trata|trabalha|%specialty|%service|consulta|responsavel
			quem|qual ?e|o|a|que %specialty|medico|medica|dr|dra|profissional
			corpo clinico
			equipe ?medica|de|da
			medicos|profissionais|especialistas|especialidades|doutores ?que|da|do|de|ai|voces|estao|tem|atendem|sao disponivel|disponiveis|clinica|voces|tem|atendem|ai|trabalham
			tem|qual|quais|escolher|mais|algum|alguma|outro|outra|outros|nao ?quais|algum|alguma|um|uma|outro|outra|outros|mais|so ?opcao|opcoes|de ?de medico|medica|medicos|profissional|profissionais|dr|dra|medicas $
			com qual|quais|quem ?@doctor ?eu posso|vou|seria|e|sera|quero|tem
			quem vai|ira me|nos atender
			qual|quem|saber|como ?e|sao|o|se|os ?o|os|chama nome|nomes ?do|da|dos|de %specialty|@doctor
			quem ?e|seria|voces indicam|indica|recomenda
			formacao|crm|rqe|curriculo|especializacao ?do|da|de|dele|dela @doctor|%name|%specialty
			@doctor|%name e ?muito bom|boa|especialista|formado|formada
			tem|ha|existe ?algum|alguma outro|outra|outros|mais ?um|de ?de @doctor|%specialty
			com quem ?que|eu ?eu trato|trata|resolvo|vejo`},
		{asksProfessionals, 68, `
			@you ?nao|ja|ainda|tambem ?tem|teria|atendem|atende|trabalham|trabalha|possuem|possui|dispoem|contam ?com|de|algum|alguma|um|uma|o|a|ai ?algum|alguma|um|uma|o|a|bom|boa|medico|medica|profissional ?que|com|de|especialista|especializado ?em|de|e %specialty
			tem|teria|teriam|possui|possuem|ha|existe|existem|atende|atendem|trabalha|trabalham ?ai|com|algum|alguma|um|uma|o|a|bom|boa|medico|medica|especialista|na|clinica|consultorio|por ?algum|alguma|um|uma|de|em|o|a|que|e|ai %specialty
			tem|teria|ha|existe|possui|trabalha|atende ?ai|algum|alguma|o|a|um|uma|com|na|clinica ?o|a %name
			tem|ha|existe|possui|tem ?algum|alguma|um|uma|o|bom|ai @doctor ?que|para|de|especialista|especializado|bom ?atende|trata|faz|cuida|em|de ?crianca|%symptom|%service
			%specialty ?voces|ai tem|atende|disponivel|vaga`},
	}
}
