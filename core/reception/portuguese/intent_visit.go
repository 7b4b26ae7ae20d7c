package portuguese

// visitPhrases are how people arrange, move and cancel visits.
func visitPhrases() []phrases {
	return []phrases{
		{wantsVisit, 70, `
			@want .. @book
			@want .. @visit
			@want .. consultar|consulte|atendido|atendida|atendimento
			@want .. ver|visitar ?um|uma|o|a @doctor|dentista
			@want ?de ?um|uma|algum|alguma @doctor
			@want .. passar|ir|consultar ?la ?com|no|na|pelo|pela|em|ao|a ?um|uma|o|a @doctor|%name|%specialty
			@want ?com ?um|uma|o|a|algum|alguma|outro|outra|esse|essa|esta|este %name|%specialty
			@want .. passar|ir|consultar|consulta|tratar ?com|no|na|ao ?um|uma|o|a %specialty|%name
			@want ?muito ?fazer|colocar|aplicar|por|realizar|de|tirar ?um|uma|o|a|meu|minha|esse|essa %service
			@want fazer|realizar ?um|uma|o|a|meu|minha|novamente|outra|outro %service
			@want .. ?ir|passar|vir|comparecer ?ai|la %when
			@want ?para|em|no|na|as|a|o ?dia %when
			@want ?o|a|um|uma horario|vaga|dia|data
			@want ?o|a|ser|do|da|pelo|pela primeiro|primeira @doctor|horario|vaga|disponivel|da|que
			@want .. ser atendido|atendida|consultado|consultada
			@want ?o|a ?mais encaixe|urgencia
			@can ?me|para|eu|nos|a|de|gente|que|voce|voces @book
			@can .. @book
			posso|podemos|consigo|poderia ?eu|ja|ir|vir|passar|comparecer|so ir|vir|passar|comparecer|aparecer|voltar|retornar ?ai|la %when
			posso|podemos|poderia ir|passar ai|la
			tem|teria|ha|existe|existem|teriam|tens|abriu|surgiu|sobrou|arruma|consegue|conseguem|arranja|temos ?algum|alguma|algo|ainda|como|um|uma|mais|o|a ?proximo|proxima @visit|espaco|disponibilidade|brecha|janela
			tem|teria|ha ?algum|algo|alguma ?coisa|dia disponivel|livre|disponiveis|livres
			tem|teria .. para|pro ?o ?dia %when
			tem ?vaga|horario|algo ?para|na|no|em|nas|nos|as %when
			que|quais|qual horas|hora|horarios|dias|dia ?que ?voces|voce|ainda tem|teria ?livre|disponivel ?para|na|no ?%when $
			tem ?algo|coisa|alguma ?para ?o|a ?dia %when
			^ para %when $
			horario|horarios|vaga|vagas|agenda|data|datas|dia|dias|hora|horas ?que|esta|estao|mais|voces|tem disponivel|disponiveis|livre|livres|aberto|abertos|aberta|abertas|vago|vagos|proximo|proximos
			disponibilidade ?de|para|na|no|em|da|do
			quais|qual|que|algum|alguns|ver|me|mostra|mostre|consultar|saber ?sao|e ?os|o|as|a|dias|datas .. disponivel|disponiveis|disponibilidade|livres|livre|vagos|vago
			qual|quais|quando|que ?e|seria ?o|a|os|as|dia ?mais proximo|proxima|proximos|primeira|primeiro ?@visit|data|dia|disponivel
			primeiro|proximo|proxima|primeira horario|vaga|data|dia|@visit
			quando|que ?voces|voce|e|o|a|dia|eu|ele|ela tem|teria|posso|da|consigo|pode|podem|poderia ?ser|ter|me ?@visit|vaga|marcar|ir|atender|agendar|passar|horario|disponivel|horarios
			quando|qual .. @visit|vaga|disponivel|disponibilidade
			tem como|jeito ?me|de|voce|voces|eu|a|gente atender|encaixar|ir|passar|vir|consultar|marcar
			me|nos encaixa|encaixe|atende|marca|agenda|encaixar|marque|agende|coloca|ve|arruma ?um|uma|em|na|para|com|ai|la|hoje|a
			encaixa|encaixar|encaixe ?eu|me|nos|minha|meu|ele|ela|para|hoje
			como|onde|aonde ?eu|e|que|posso|faco|fazer|faz|para|se|seria|a|gente|consigo|funciona|devo .. marcar|agendar|agendo|marco|agendamento|marcacao|consultar
			aqui ?mesmo ?que ?e|se|voces|eu ?que marca|agenda|agendam|marcam|agendo|marco
			agendam|marcam ?por|consulta|pelo|aqui|tambem|direto ?aqui|whatsapp
			aceito|fechado|vamos|bora|pode|podemos ?entao|deixar|ja|sim marcar|agendar|marcado|agendado|reservar|fechar
			marcar|agendar|reservar|agende|marque|agendamento ?uma|um|minha|meu|a|o|de|para|com|outra|nova|novo|logo|consulta|essa|esse|mais|horario
			^ agenda|marca|reserva|marcacao|agendar|marcar|agendamento|encaixe|reservar|agende|marque
			agenda|marca|marque|agende|reserva ?ai|um|uma|entao|la|ja|isso|o|a para|com|as|consulta|horario|hora|mim|retorno|%when|%name|%specialty|%service
			fazer|passar|passo|agendar|marcar ?por|em|uma|um|a|o|pela ?uma|um|nova|outra consulta|avaliacao|retorno|check|checkup
			consulta|consultar|atendimento|horario|hora|vaga|avaliacao|retorno|agenda|agendamento|encaixe|visita|sessao ?para|de|no|na|em|a|ao|urgente|hoje|logo ?com|para ?o|a|um|uma|minha|meu|algum|alguma|qualquer|de %name|%specialty|@doctor|%service
			procuro|procurando|busco|buscando|preciso|atras|indicacao|achar|encontrar|indica|indicam|recomenda|recomendam ?de|por ?um|uma|o|a|algum|alguma|bom|boa %specialty|@doctor
			procuro|procurando|busco|buscando atendimento|consulta|horario
			ajuda|ajude .. achar|encontrar|marcar|agendar
			%name|%specialty|%service ?para|pode|as|na|no|de %when
			ir|passar|voltar ?no|na|ao|com|pelo|pela ?o|a %name|%specialty|@doctor
			levar ?o|a|meu|minha ?filho|filha|mae|pai|crianca|bebe no|na|ao|em|para ?um|uma|o|a ?consulta %name|%specialty|@doctor
			tem|teria|seria como|possivel ?eu ?ser|me|de|para ?ser atendido|atendida|atender|consultado|consultada
			%number consulta|consultas ?por ?favor $
			@you|estao ?ainda|ja agendando|marcando
			%when ?as|dia ?%when ?ainda esta|ainda|ta livre|disponivel|vago|vaga
			minha|meu|filho|filha|mae|pai|esposa|marido|esposo|avo|bebe|crianca|irmao|irma ?esta precisa|precisando|necessita ?de|passar|ir|consultar|ser|fazer ?um|uma|com|no|na|ao|o|a|por ?um|uma %ref|@visit|@doctor|atendido|atendida
			primeira consulta
			consulta ?de|para %when|rotina
			em|tem|com ?a|o|na %name|%specialty .. %when
			voces|voce .. me|nos atender|encaixar %when
			da|daria|rola|consigo|posso|consegue ?para|ser|ir|hoje ?hoje|la|ai %when
			aceito ?o|a|esse|essa horario|vaga|encaixe
			fila|lista de espera
			segunda opiniao
			@can|conseguem|consegue|poderiam ?voces|voce|para ?voces|voce|ainda me|nos atender|encaixar|receber|encaixam|atendem
			qual|que|quando ?dia|horario ?voces|o|a|@doctor|%name|%specialty ?@doctor|%name ?conseguem|pode|podem|consegue|poderia|poderiam me|nos atender|encaixar|receber
			me|nos encaixam|encaixa|encaixe
			algum|alguma vaga|vaguinha|horario|horarinho|brecha|encaixe
			precisa|precisam|quer|querem ?se|ser|de|passar|ir ?com ?um|uma|o|a consultar|atendido|atendida|%specialty|@doctor|@visit
			@want .. visto|vista|examinado|examinada|avaliado|avaliada
			^ ?entao|ok|beleza|sim|certo ?pode|entao marca|agenda|reserva|coloca|fecha|deixa .. %when
			separa|segura|guarda|reserva ?para|ai ?mim um|uma|o|a|meu horario|vaga|hora
			tem como|jeito de|para eu ir|passar|vir|consultar
			@want .. comecar|iniciar|continuar|retomar|continuidade .. tratamento|terapia|acompanhamento|sessoes
			@want ?de acompanhamento|terapia
			seria|e possivel ?marcar ?um|uma @visit`},
		{wantsVisit, 78, `
			tem|teria|ha|teriam ?algum|alguma atendimento|consulta|vaga|vagas|horario|agenda ?disponivel|livre com|para|de|do|da ?o|a|um|uma %name|%specialty|@doctor
			agenda ?da|do|de ?%name|%specialty ?esta ?ja aberta|livre|cheia|lotada|liberada`},
		{wantsVisit, 60, `
			prefiro|escolho|gosto|pode|quero|queria|seria|melhor|vou|fico|ficar|fica ?ser|com|ir|o|a|de|so ?com|o|a|as|para|na|no|em|depois ?o|a|das ?dia %name|%specialty|%when
			com ?o|a|um|uma %name|%specialty
			^ ?oi|ola|bom|boa ?dia|tarde|noite ?um|uma|o|a|com|para|no|na|ao ?o|a %name|%specialty $
			pode ser ?na|no|em|as|para|a|ate ?o|a|dia %when|hoje|amanha
			^ ?uma|um|a|minha|nova|sobre|e @visit ?por ?favor $
			^ %when $
			%name|%specialty|@doctor ?ai|nao pode|consegue|poderia|teria|tem|vai ?como ?me|nos|o|hoje|amanha atender|encaixar|ver|consultar
			^ ?uma|um consulta|consultas|atendimento ?medico|particular para|com|de|hoje|amanha
			com ?o|a|um|uma ?mesmo|mesma|outro|outra @doctor
			%when ?as|%when ?%when fica|esta|e|seria|ficaria ?muito bom|boa|otimo|otima|perfeito|melhor
			%when ?as|%when ?%when serve|pode|da ?para|sim ?mim $
			pode ser ?so ?de|a|na|pela|no|pelo ?parte|periodo ?da|de manha|tarde|noite|fim|final|almoco
			depois|antes do almoco|expediente|trabalho ?eu consigo|posso|da
			preferencia ?de|a|na|pela|no|para manha|tarde|noite|fim|%when
			qualquer dia|horario|hora ?dessa|desta|da|na|de|pela|serve
			so|somente|apenas ?posso|consigo|da|pode ?ser ?na|no|de|a|pela|depois|a ?partir ?das|da|do manha|tarde|noite|%when
			@want ?com|ser|o|a ele|ela ?mesmo|mesma
			@want .. algo|alguma ?coisa ?para|no|na|de|a ?o|a manha|tarde|noite|fim|final|%when`},
		{wantsVisit, 56, `
			estou|esta|com|sinto|sentindo|tenho|tendo|meu|minha|ando|sofrendo|sofro|to|tive|apareceu|apareceram|surgiu|surgiram|sente ?com|de|um|uma|uns|umas|me|muito|muita|tendo|muitas|o|a|forte|fortes|filho|filha|esta|mae|pai .. %symptom
			^ %symptom
			dor|dores|ardencia|inflamacao|inchaco|caroco|ferida|nodulo|sangue ?muito|forte|fortes|intensa ?no|na|nos|nas|em ?meu|minha|lado
			esta|estao|estou|continua|ando ?muito|tudo|toda|todo doendo|inchado|inchada|inflamado|inflamada|cocando|doente|mal|ruim|ardendo|infeccionado|machucado|machucada|roxo|vermelho|dolorido|dolorida
			machuquei|torci|cortei|quebrei ?o|a|meu|minha
			passando mal
			%symptom ?forte|fraca|ha|faz|desde|muito|que|de|a|as|dias $`},
		{wantsMove, 90, `
			remarcar|reagendar|reagendamento|remarcacao|reprogramar|reprogramacao
			cancelar|desmarcar .. remarcar|reagendar|marcar ?para|outra|outro|de|em|novamente
			@move .. ?o|a|minha|meu|de|da|do|esse|essa|este|esta|para|um|dia horario|consulta|hora|data|agendamento|dia|exame|retorno|marcacao|sessao|visita|avaliacao|%service
			@change ?o|a|essa|esse|de|da|do minha|meu|consulta|horario|agendamento|data|dia|hora ?consulta|horario|agendamento|exame|sessao|retorno
			@move .. atendimento|%when
			@change .. para ?o|a|outro|outra|um|uma|depois ?dia %when|outro|outra|frente|depois|mais|semana|dia|cedo|tarde|horario
			@move ?o|a|de|da|do %when ?para
			passar|passa|passe para ?a|as|o ?dia %when
			inves|vez de|da|do|das ?dia %when .. %when
			nao ?vou|vai|da|posso|consigo|poder .. %when .. so|somente|apenas ?posso|consigo|da|pode .. %when
			@change .. periodo|turno|manha|tarde|noite
			nao ?posso|consigo|da|vou ?conseguir|poder|ir|mais ?nesse|neste horario|dia|data .. so|outro|outra|outros
			adiar|antecipar|adiantar|remarcar ?para ?a|o %when
			@change ?de @doctor|%name|%specialty ?para|por|pelo|pela
			antecipar|adiantar|adiar|postergar
			@want ?um|uma|para|em|marcar ?um|uma ?novo|nova|outro|outra horario|data|dia ?para ?a|o minha|meu
			posso|podia|poderia|da|pode|quero|queria|gostaria|consigo ?de|para|eu|ir|ser ?ir|ser|em|no|num|para|na|vir ?em|no|num|para|na outro|outra dia|horario|data|semana|hora
			encaixar|encaixa|encaixe|marcar|agendar|marca|agenda|passar|passa|deixar|deixa|jogar|colocar|coloca|ficar|fica|ver|por|ir ?me|minha|eu|a ?em|para|num|no|a|consulta ?um|uma outro|outra dia|horario|data|hora|semana|momento
			cancelar|desmarcar .. marcar|agendar|colocar|para|por|e .. outro|outra|novo|nova|%when
			nao .. posso|vou|consigo|da|poder|poderei .. pode|podia|poderia|tem|queria|quero|consigo|da|daria|podemos|seria|prefiro .. ser|ir|para|como|marcar|outro|outra|%when
			imprevisto .. outro|outra|%when
			atrasar|atrasado|atrasada|atraso .. remarcar|mudar|outro|horario|mais`},
		{wantsOtherTime, 72, `
			outro|outra|outros|outras ?tipo|dia ?de horario|horarios|dia|data|dias|datas|hora|opcao|opcoes|momento|periodo|turno
			mais|um|bem|pouco cedo|tarde ?um|pouco ?por|favor $
			^ mais cedo|tarde
			ir|ser|ficar|chegar|atender ?um|pouco mais cedo|tarde
			horario|dia|data ?e|esta|ficou|fica|muito ruim|pessimo|complicado|inviavel
			tem|teria ?algo|um|horario|vaga ?um|pouco mais cedo|tarde`},
		{wantsOtherTime, 86, `
			nenhum|nenhuma ?desses|dessas|deles|delas|dos|das ?horarios|horario|dias|opcoes|datas ?me serve|da|posso|consigo|encaixa|rola
			nao tem|teria|ha|teriam ?mais|um|uma|nenhum|nenhuma outro|outra|outros|outras dia|horario|data|opcao|dias|horarios|datas
			nenhum|nenhuma ?desses|dessas|deles|delas|dos|das ?horarios|horario|dias|opcoes|datas ?me ?serve|da|posso|bom|consigo|encaixa|nao $
			nao posso|consigo|da|tenho|serve|servem|quero ?em|como nesses|nessas|nenhum|nenhuma|esses|essas ?horarios|dias|datas|deles|desses
			esse|este|essa|esta|nesse|neste|nessa|nesta ?horario|dia|data|hora|semana|periodo|segunda|terca|quarta|quinta|sexta nao|ruim|pessimo ?me|vai da|posso|consigo|serve|rola|consegue|vou|dar|fica|bate|encaixa|tenho|e
			nao .. esse|este|essa|esta mesmo horario|dia|data|hora|periodo
			nao ?me da|serve|rola|encaixa|bate ?para|com ?mim|minha ?agenda|esse|este|essa|esta ?horario|data|dia $`},
		{wantsCancel, 85, `
			cancelar|cancelamento|desmarcar|desmarcacao|cancela
			desfazer|excluir|apagar|remover|tirar|retirar|retire|tira|apaga|exclui|desfaz|anular|anula|suspender|liberar|libera|libere .. agendamento|consulta|horario|marcacao|agenda|vaga|visita|reserva
			nao ?quero|queremos|preciso|precisa|precisamos|vou|iremos|vamos ?mais ?querer|precisar|fazer ?mais ?da|de|a|o|dessa|desse|essa|esse|fazer|marcar ?a|o ?minha|meu consulta|agendamento|horario|exame|atendimento|visita ?mais
			^ ?nao ?pode cancelado|cancelada`},
		{givesUp, 85, `
			desisti|desisto|desistir|desistencia|desistindo
			nao ?quero|preciso|precisa|queremos mais $
			nao quero|vou ?mais fazer ?mais ?a|o|essa|esse ?consulta|exame|procedimento
			mudei ?de ideia
			deixa|deixe para la|quieto`},
		{cannotCome, 84, `
			nao ?vou|vai|vamos|irei|iremos|poderei|posso|consigo|conseguirei|conseguiremos|podemos|poderemos|conseguimos|consegue|pode ?mais ?poder|conseguir|dar|ser|possivel|da ?mais ?para|de ?eu ir|comparecer|estar|chegar|vir|aparecer|participar
			nao vou|poderei|irei|vamos|consigo ?mais ?poder|ir ?mais $
			nao irei|iremos|comparecerei|compareceremos|poderei
			nao vou poder|conseguir ?mais ?%when
			nao vou ?mais %when
			nao ?vai da|dar|deu|dara ?mais ?para ?eu|mim ?ir|comparecer|%when $
			nao ?vai da|dar|dara ?mais ?para ir|comparecer
			nao ?vou|vai ?mais posso|consigo|poder|conseguir|poderei|da|dar ?mais ?ir|comparecer|para ?%when $
			nao ?vou|vai|posso ?mais|poder|conseguir|posso ir|comparecer
			nao ?posso|consigo|da|vou|poder|poderei ?mais ?ir|para ?mais nesse|neste|nessa|nesta|esse|no|na|em ?dia|horario|data|semana|hora|consulta
			nao tenho|tem|tinha|terei|vou ?ter ?mais como ir|comparecer|chegar
			nao vou ?mais consegui|conseguir|poder|puder ?ir|chegar ?ai|la|hoje|amanha|%when
			nao chego|chegarei|chegaremos|chegamos ?mais a|em tempo
			nao vai rolar|dar|da ?mais ?de|para ?eu ir|comparecer
			nao contem|conte ?mais comigo
			nao vai|vou|vamos|irei ?mais a|na|no|para|nessa ?minha consulta|exame|sessao|retorno|avaliacao
			dar|da|de|passa|passar|libera|liberar ?o|a meu|minha horario|vaga para ?uma|um outra|outro|alguem|quem
			impossibilitado|impossibilitada|impedido|impedida|impossivel .. ir|comparecer|chegar
			imprevisto|imprevistos
			surgiu|apareceu|tive|aconteceu um|outro|uma compromisso|problema|imprevisto|viagem|reuniao
			vou|terei|tenho ?ter ?que|de faltar
			vou faltar
			perder|perdi ?a|o|minha|meu consulta|horario`},
	}
}
