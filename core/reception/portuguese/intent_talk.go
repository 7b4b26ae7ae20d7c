package portuguese

// talkPhrases are greetings, thanks, and what people say that is no request.
func talkPhrases() []phrases {
	return []phrases{
		{greets, 40, `
			^ eae|eaee|eaew|coe|qualeh|bomdia|boatarde|boanoite|hellou|oioi
			^ oi|ola|oie|oii|oiee|opa|alo|hello|hey|hi|ei|eai|iae|iai|salve|olar|oizinho|oin|bao|hola
			bom|boa dia|tarde|noite
			boas|buenas|saudacoes|fala
			^ boa $
			e|i ai $
			e ai ?tudo|blz|beleza|como|pessoal|doutor|gente
			tudo|td|td bem|bom|certo|joia|tranquilo|ok|beleza|otimo
			como vai|vao|esta|estao|voce|tem ?voce|voces|passado|tudo|indo|as|coisas $
			^ %name $
			beleza ?pessoal|gente $
			tem alguem ai
			alguem ai`},
		{thanks, 45, `
			obrigado|obrigada|agradeco|agradecido|agradecida|grato|grata|gratidao|valeu|agradecer|agradecimento
			^ falou
			falou $
			ate mais|logo|amanha|breve|la|segunda|terca|quarta|quinta|sexta|sabado|domingo|entao|%when|depois|a
			tchau|tchauzinho|xau|adeus|abraco|abracos|abc|bjs|beijos|beijo
			^ fui $
			tenha|tenham ?voces ?um|uma ?muito otimo|otima|bom|boa|excelente|lindo|linda
			deus abencoe|te|lhe|pague
			^ amem $
			otimo|bom|boa|excelente|feliz fim|final|trabalho|semana|domingo|descanso|dia de|para|semana ?voces|semana
			muito gentil|gentis|atenciosa|atencioso`},
		{own, 76, `
			meu|meus|minha|minhas ?proximo|proximos|proxima|proximas|ultima agendamentos|agendamento|consultas|consulta|horario|horarios|marcacao|exame|retorno ?e|esta|estao|foi|ja|ta|vai|sera|ficou|ainda ?que|ser|ja|mesmo confirmada|confirmado|marcada|marcado|agendada|agendado|que|quando|hoje|amanha|%when|certa|de
			^ ?ver|quais|consultar|listar|mostrar|me|quero|queria|gostaria|olhar|visualizar|saber ?de|sao|ver|mostra|os|as meu|meus|minha|minhas ?proximos|proximas|proximo|proxima agendamentos|agendamento|consultas|consulta|horarios $
			quando|que|qual|quais|onde|saber|sera|lembrar|lembra|confirmar|ver ?dia|hora|horas|horario|data|e|dias|sao|que|o|a|as|se ?e|esta|sera|ficou|foi|vai|era|de|da|a|o|que|horas|hora|horario|dia|para|ser ?a|o|que|ser|marcada|marcado|e|da|do|esta|ficou ?o|a minha|meu|nossa ?proxima|proximo consulta|horario|agendamento|retorno|exame|marcacao|avaliacao|atendimento
			quando|que|qual|quais|quem|saber|lembro|para|esqueci|sei .. marquei|agendei|marcaram|agendaram|remarcaram|remarquei|marcou|marcaste
			@you marcou|marcaram|agendou|agendaram|confirmou|confirmaram|desmarcou|desmarcaram|cancelou|cancelaram|remarcou|remarcaram
			ja|eu|hoje|que|nao ?eu|ja|tinha|havia|tinhamos ?ja marquei|agendei|marcamos|agendamos|marcado|agendado|remarquei|agendada|marcada
			marquei|agendei ?com|uma|um|o|a|para|%when
			tenho|tinha|temos|tinhamos|estou ?uma|um|com ?uma|a|o|um consulta|horario|agendamento|retorno|exame|avaliacao|hora|atendimento|sessao ?ja|hoje|amanha|esta|com|para|as|dia ?%name|%specialty marcada|marcado|hoje|amanha|agendada|agendado|%when|com
			tem ?uma|um|alguma|algum ?consulta|horario|agendamento|exame marcada|marcado|agendada|agendado
			esta|ta|foi|e|ficou|estava|era|deixei ?ja|tudo|mesmo marcado|marcada|agendado|agendada|confirmado|confirmada
			consulta|horario|agendamento|exame ?ja|que ?esta|foi|ja|tenho|fiz|ficou marcado|marcada|agendado|agendada|confirmado|confirmada
			confirmar|confirmo|confirmando|confirmada|confirmacao ?a|o|minha|meu|de|que|se|da ?minha|meu|a|o|de consulta|presenca|horario|agendamento|comparecimento|ida|exame
			vou|irei|estarei|confirmo ?sim|a ?ir|comparecer|estar|presenca|la|ai sim|confirmado|com|presenca|estarei|la
			numero|protocolo do|da|de agendamento|consulta|protocolo
			estou|chego ?ja|quase ?a|no|uns|indo|chegando ?%number ?caminho|chegando|atrasado|atrasada|estacionando|transito|indo|atrasando $
			estou ?um|muito ?pouco atrasado|atrasada|chegando
			estou ?a|no|parado caminho|transito
			vou|irei ?me ?chegar atrasar|atrasado|atrasada
			cheguei|chegarei
			meu|minha|nosso|nossa agendamento|consulta|horario|exame|retorno ?ja ?foi|esta|ficou|ja|ta feito|feita|confirmado|confirmada|de ?pe
			conseguiram|conseguiu ?me|ja marcar|agendar|confirmar
			consulta|horario|retorno|exame ?de|hoje|amanha|%when ?esta|ta|continua|segue de pe
			com qual|quem|que ?@doctor ficou|e|esta|sera ?a|o|marcada minha|meu consulta|horario|exame
			^ ?e que|qual ?e ?o hora|horas|horario|dia ?e|era mesmo $
			esta|ta ?tudo certo|confirmado|ok para|com hoje|amanha|%when|minha`},
		{informs, 78, `
			o que|documentos|documento ?e|eu ?que ?eu preciso|precisa|devo|tenho|tem|posso ?de|que levar
			@want|pode|podem ?de|me|emitir|dar ?um|uma|o|a|do|da atestado|declaracao|recibo|comprovante|receita|relatorio
			voces|clinica|ai|tambem atende|atendem|recebem|recebe ?a|o crianca|criancas|bebe|bebes|idoso|idosos|gestante|gestantes|gravida|gravidas|adolescente|adolescentes
			^ atende|atendem|recebem ?a|o crianca|criancas|bebe|bebes|idoso|idosos|gestante|gestantes|gravida|gravidas|adolescente|adolescentes
			vaga|vagas ?de emprego|estagio|trabalho`},
		{informs, 62, `
			onde|aonde ?que|voces|e|a|o ?que|clinica|consultorio ?e|voces fica|ficam|esta|estao|localiza|localizada|situada|e|atende|atendem
			onde|aonde
			endereco|localizacao|mapa|bairro|estacionamento|referencia|estacionar|manobrista
			qual|que ?e|sao ?a|o|seu endereco|rua|localizacao|bairro|cep
			como ?que|eu|faco|faz|posso ?faco|eu|para chego|chegar|ir
			como chego|chegar
			@insurance
			aceita|aceitam|atende|atendem|cobre|cobrem|trabalham|trabalha|credenciado|credenciada|tem|faz|fazem|pelo|e ?com|pelo|por|o|meu|algum|qual|quais|a|ao|so ?algum|o|qual|pelo|por|tipo|de @insurance
			telefone|email|site|instagram|cnpj|numero ?de|do|da|dos|para ?voces|contato|clinica|medico|recepcao|consultorio $
			qual ?e ?o|seu telefone|email|site|instagram|numero
			instagram|cnpj|email|site
			resultado|resultados|laudo|laudos|atestado|declaracao|recibo|comprovante|prontuario|receita
			nota fiscal
			pedido ?de|do medico|exame
			renovar|renovacao|receita ?da|de|a|minha|receita|azul|controlada
			boleto|cobranca|fatura|reembolso
			robo|maquina|inteligencia|bot|chatbot|automatico
			e|voce|estou|to ?um|uma|falando|com ?um|uma robo|bot|maquina|ia|humano
			documentos|documento|carteirinha|acompanhante|jejum|levar|guia|encaminhamento|preparo|acessibilidade|cadeirante|wifi
			preciso|precisa|tem|devo|posso ?que|de ?levar levar|acompanhante
			trabalhe|curriculo|vaga de emprego|vaga emprego|emprego|vendedor|parceria|fornecedor
			^ ?@want ?ver|de ?o|uma menu|ajuda|opcoes ?por ?favor $
			qual ?e|o|a ?o|seu|a nome
			qual ?e ?o plano|tratamento|diagnostico
			remedio|remedios|medicacao|medicamento|dose|bula`},
		{saysSomething, 74, `
			depois|mais|outra|qualquer|amanha ?tarde|hora|coisa|eu|vou|te|dia ?eu|vou|te|ja|a ligo|marco|vejo|falo|agendo|retorno|aviso|chamo|confirmo|decido|entro|volto|procuro|gente
			vou|irei|preciso|deixa|deixe ?eu|me|ainda|de ?eu|so ?ver|falar|conversar|com pensar|ver|pensar|analisar|avaliar|decidir|conversar|verificar|confirmar|organizar|olhar|aguardar|esperar ?e|se|com|melhor|direitinho|aqui|minha|meu|isso|a|o|um ?agenda|marido|esposa|depois|aviso|retorno|posso|consigo|volto|pouco|salario $
			vou pensar|analisar|avaliar|aguardar|esperar|decidir
			estou|to|so|apenas ?so|apenas olhando|pesquisando|vendo|curiosidade|cotando
			ja|que ?que|eu|tinha ?ja|sim|marcou|fui|tinha|eu marquei|agendei|marcado|resolvi|fui|consultei|consegui|resolvido
			nao|sem ?estou|e|tem|tenho ?com|mais|muito ?mais|tanto interesse|dinheiro|grana|condicao|condicoes|tempo|interessado|interessada
			nao ?e|precisa|preciso|quero ?de|mais nada
			nao tenho|estou|tem ?com|muito ?como dinheiro|grana|condicao|condicoes|interesse|verba
			nao tenho|tem como pagar
			sou paciente
			achei|muito|ta|esta|e|ficou|meio|bem|bastante|um|demais|nossa ?e|muito|pouco|bem|demais ?muito|pouco caro|salgado|puxado|cara|demais $
			caro demais
			fora do|da orcamento|minha|condicao
			medo|nervoso|nervosa|ansioso|ansiosa|preocupado|preocupada|vergonha|receio|traumatizado
			@doctor|%name|%specialty ?ja|que|me|ele|ela ?me falou|disse|pediu|recomendou|mandou|receitou|orientou|passou|explicou|atendeu|indicou|prescreveu|viu
			nao ?precisa|quero|vou|preciso marcar|agendar|consulta|nada ?mais ?por ?enquanto|agora|hoje|nao $
			mais|depois ?tarde eu te|vos|lhe falo|ligo|chamo|aviso|respondo|digo
			agora nao|ainda nao|por enquanto|hoje nao|deixa para|deixa quieto|outro dia eu|esquece|esqueca`},
		{saysSomething, 30, `
			^ teste|testando|aham|entendi|certo|entendo|kk*|haha*|rs|legal|nossa|show|ata|hum|hmm $`},
	}
}

// contactPhrases are how people ask for a person, for silence, and for the assistant again.
func contactPhrases() []phrases {
	return []phrases{
		{wantsPerson, 94, `
			falar|conversar|falo|converso|atendido|atendida|contato|fala|transfere|transferir|transfira|passa|passe|passar|chama|chame|chamar|encaminha|encaminhe|tratar|conecta ?direto|diretamente|so|logo|urgente|me|por ?para|com|por|direto|a|o|ao ?um|uma|o|a|alguma|algum|os|as|alguem pessoa|atendente|atendentes|humano|humana|secretaria|recepcao|recepcionista|alguem|gente|responsavel|moca|gerente|dono|dona|equipe|suporte|administracao|financeiro|ouvidoria|operador|real
			falar|conversar|falo ?diretamente|direto|com ?com ?o|a @doctor|%name|%specialty
			@want|quero|chama|chame|tem|cade|preciso|por ?de|algum|alguma|um|uma|falar|o|a ?um|uma|o|a atendente|humano|humana|recepcionista ?humano|humana|pessoal|real|personalizado $
			atendimento|atendente|pessoa|ser|gente humano|humana|real|verdade|pessoal
			pessoa|gente|alguem de|do ?verdade|carne|outro
			^ ?um|uma|quero|o|a|ola|oi ?um|uma atendente|humano|humana|secretaria|recepcao|recepcionista|pessoa ?por ?favor $
			nao .. falar|conversar|falando|tratar ?com ?um|uma|o|a robo|maquina|bot|computador|ia|automatico|voce
			me|podem|pode|poderia|poderiam|favor|alguem|peco|gostaria|consegue|teria|consegue|nos ?me|por|que|alguem|voces|favor ?pode|me|alguem|vocês|para liga|ligar|ligue|liguem|retornar|retorna|retornem|ligacao|telefonar
			ligar|ligue|liga|liguem para mim
			me|nos atende|atenda|ajuda|ajude|responde|responda alguem
			reclamacao|reclamar|ouvidoria|procon|processar|advogado|denuncia|denunciar
			insatisfeito|insatisfeita|absurdo|pessimo|descaso|inaceitavel
			voce ?nao ?esta ?me entende|entendeu|entendendo|resolve|ajuda
			nao|ninguem ?esta|voce|me ?me adiantando|resolve|resolveu|responde|ajudando|entendeu
			cobrado|cobrada|cobraram|cobranca|cobrou ?me|foi ?a errado|errada|indevida|indevidamente|duas|dobro|mais|duplicado|duplicada
			meu dinheiro de volta
			esperando|aguardando|espero ?uma|um|pela|por|o resposta|retorno ?de|ha|faz|desde
			ninguem ?me|ainda|nos|apareceu ?me atendeu|apareceu|retornou|ligou|respondeu|atende
			mandei|enviei ?ja|varias|mensagem ?mensagem|mensagens ?duas|tres|varias|%number ?vezes|mensagens e nada|ninguem|nao
			falta de respeito|educacao|consideracao
			voces|voce|clinica|recepcao erraram|errou|trocaram|confundiram|perderam
			cancelada|cancelado|cancelaram|desmarcaram|desmarcada ?minha|meu ?consulta|horario sem aviso|avisar
			ajuda|atendimento|alguem|pessoa|gente humana|humano|real
			^ suporte ?por ?favor $
			@want|preciso ?de|com um|uma atendente|humano|pessoa urgente|agora|ja|logo
			^ ?oi|ola|bom|boa ?dia|tarde|noite ?a|o|cade secretaria|recepcionista|gerente ?esta|ai ?ai $
			alguem ?me responde|responda|atende
			responde|responda|respondam .. alguem
			@doctor|%name ?nao pode|podem|poderia|consegue me|nos responde|responder|tirar .. duvida|duvidas|pergunta
			inchou|inchado|inchada|inchando|doendo|dor|dores|alergia|reacao|mal|sangrando|infeccionou|inflamou|febre|vermelho ?muito .. depois|apos|pos ?de|do|da|que ?o|a ?fiz|fazer|tirei procedimento|cirurgia|extracao|aplicacao|operacao|produto|injecao|%service
			alguem ?ai|que ?para|que|possa ?me|possa atender|ajudar|falar|responder
			alguem ?ai|pode|poderia|para ?me|pode|poderia ?me atender|ajudar|responder|atende`},
		{wantsSilence, 95, `
			^ ?por|favor|quero|pode|gostaria ?favor|de stop|sair|pare|parar|descadastrar|descadastre|descadastro|unsubscribe|optout ?por ?favor $
			descadastra|descadastrar|descadastre|descadastrem|descadastramento|descadastro|unsubscribe|desinscrever|desinscreva|desinscricao
			parar|pare|para|parem|parou|chega|basta|cessar|suspender|suspenda|suspendam|interromper|cancelar|cancela|bloquear ?de|com|o|a|as|esse|essa|por|os|todas ?me|com|as|esse|essa|a|envio|favor|essas|esses|tantas|tanta|tanto ?envio|de|o|me|as ?@send|de|as|essas ?para|me|tanta|as|de|essas @messages
			parar|pare|para|parem ?por ?favor ?de ?me ?ficar @send
			parar|pare|parem|para ?de ?me ?ficar perturbar|incomodar|encher|enviar|mandar|mandando|enviando
			nao ?quero|desejo|gostaria|queria|me|autorizo|aceito|precisa|preciso ?mais|de|que|ser|me|ficar ?me|mais|de|nenhuma|a|voces|continuar|ficar|seja @send ?mais|a|para|essas|esse|essa|nenhuma|nenhum|esses|este|as|suas|me|por|de ?mim|tipo|nada|de|esse|essas|suas|mais|este|nenhuma ?de|tipo ?tipo ?de nada|@messages
			nao quero|desejo|aceito|gostaria ?mais|de ?mais|nenhuma|nenhum|de|ser ?essas|suas|as|receber mensagem|mensagens|propaganda|spam|contactado|contactada|incomodado|incomodada|perturbado
			nao ?me ?mais @send ?mais ?aqui|nada|para ?mim $
			nao ?me perturbe|perturbem|incomode|incomodem|chame|chamem|contate|contatem|procure|procurem|contacte ?mais
			remover|remove|remova|removam|retirar|retire|retirem|tirar|tira|tire|tirem|excluir|exclua|exclui|apagar|apague|apaga|deletar|delete|deleta|desvincular ?me|o|a|os|favor ?meu|meus|minha|o|esse|este|desta|dessa|me|da ?meu numero|contato|telefone|lista|dados|cadastro|whatsapp|sistema|grupo
			me tira|tire|remove|remova|retire|retira|exclui|exclua|apaga|descadastra|deleta|bloqueia|bloqueie ?da|dessa|desta|de|do ?sua|essa ?lista|cadastro|sistema|contatos|mailing|grupo|base ?por ?favor $
			me deixa|deixe|deixem|esquece|esquecam|esqueca ?em paz
			sair|saio|saia|sai ?da|dessa|desta|de ?sua lista|mailing|cadastro|base|transmissao
			cancelar|cancela ?a|minha|essa|esse inscricao|assinatura|recebimento|cadastro|notificacoes
			chega|basta|cansei ?de|dessas|com|dessa|desse ?tanta|tantas|essas|receber|tanto|esse @messages
			lista negra
			nao autorizo ?o|a|mais|voces ?envio|contato|receber|uso
			nao ?me ligue|liguem|escreva|escrevam|envie|enviem|mande|mandem ?mais|nunca mais|nunca ?nada|por ?favor $
			deixem|deixe|deixa|parem|pare de me mandar|enviar|ligar|perturbar|incomodar|chamar
			bloqueia|bloqueie|bloqueiem|bloquear ?o meu numero|contato|telefone|whatsapp
			apaguem|apague|excluam|exclua|removam|retirem|tirem|deletem ?o|os meu|meus numero|contato|telefone|dados|cadastro|nome ?do|da|de|desse|dessa`},
		{wantsAssistant, 95, `
			^ ?quero|pode|gostaria|queria|posso|desejo ?de voltar|volta|retomar|reativar|recomecar|retornar|continuar ?por ?favor $
			voltar|volta|retomar|reativar|retornar|ativar|religar ?a|ao|o|para|com|as|de ?o|a|receber|novo atendimento|assistente|robo|receber|bot|automatico|conversa|inicio|mensagens ?automatico|mensagens|virtual|mensagem
			@want|pode|podem|quero|aceito ?de|me|voltar|a ?a receber|mandar|enviar|voltar ?de|as|a|me ?novo|mandar|receber ?as|mensagens|mensagem ?novamente|mensagens|de ?novo novamente|novo|mensagens`},
	}
}
