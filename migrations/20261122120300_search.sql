-- By hand: searching professionals and services from SQL, by the rules that the service itself searches by.
--
-- The four functions at the end are for integrations that read the database. What they find is what the service finds: fold
-- away case and accents, cut into words, then equal or one of few edits apart, with a vocabulary of specialities between. The
-- service has the same rules in Go (core/text, core/agenda); the vocabulary and a list of searches are compared by tests, so a
-- change of one side without the other is noticed. docs/adr/0011-search.md says why there are two.
--
-- The small functions before them call only one another and pg_catalog. They take whole words, folded, where a parameter is
-- called word or words.

-- 1. Text ------------------------------------------------------------------------------------------------------------------

-- Lower case without accents: 'São João' is 'sao joao', however its accents are encoded. Not by unaccent(), whose rules are
-- a file of the server and differ from one to another, nor by the database's locale, which may be C.
CREATE FUNCTION search_fold(p_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_text text := p_text;
BEGIN
  IF octet_length(v_text) <> length(v_text) THEN
    -- The letters of Portuguese first: few texts have others, and the long list is slow.
    v_text := translate(v_text, 'ÁÀÂÃÇÉÊÍÓÔÕÚÜáàâãçéêíóôõúü', 'aaaaceeiooouuaaaaceeiooouu');
  END IF;
  IF octet_length(v_text) = length(v_text) THEN
    RETURN lower(v_text COLLATE "C");
  END IF;
  v_text := translate(v_text,
    'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïðñòóôõöøùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎ'
    'ďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦħĨĩĪīĬĭĮįİıĴĵĶķĸĹĺĻļĽľĿŀŁłŃńŅņŇňŉŊŋŌōŎŏŐőŔŕŖŗŘřŚ'
    'śŜŝŞşŠšŢţŤťŦŧŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſḀḁḂḃḄḅḆḇḈḉḊḋḌḍḎḏḐḑḒḓḔḕḖḗḘḙḚḛḜḝḞḟḠḡḢ'
    'ḣḤḥḦḧḨḩḪḫḬḭḮḯḰḱḲḳḴḵḶḷḸḹḺḻḼḽḾḿṀṁṂṃṄṅṆṇṈṉṊṋṌṍṎṏṐṑṒṓṔṕṖṗṘṙṚṛṜṝṞṟṠṡṢṣṤṥṦṧṨṩṪ'
    'ṫṬṭṮṯṰṱṲṳṴṵṶṷṸṹṺṻṼṽṾṿẀẁẂẃẄẅẆẇẈẉẊẋẌẍẎẏẐẑẒẓẔẕẖẗẘẙẛẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặ'
    'ẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹªºΣ'
    || chr(8491), -- the sign of the ångström, which looks like the letter
    'aaaaaaceeeeiiiidnoooooouuuuyaaaaaaceeeeiiiidnoooooouuuuyyaaaaaaccccccccd'
    'dddeeeeeeeeeegggggggghhhhiiiiiiiiiijjkkqllllllllllnnnnnnnnnoooooorrrrrrs'
    'sssssssttttttuuuuuuuuuuuuwwyyyzzzzzzsaabbbbbbccddddddddddeeeeeeeeeeffggh'
    'hhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrsssssssssst'
    'tttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwysaaaaaaaaaaaaaaaaaaaaaaaa'
    'eeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyaoσa');
  v_text := lower(regexp_replace(v_text, '[\u0300-\u036f]+', '', 'g') COLLATE "und-x-icu");
  RETURN replace(replace(replace(replace(v_text, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
END;
$$;

-- The words of a folded text: its runs of letters and its runs of digits. '15h30' is {15,h,30}.
CREATE FUNCTION search_split(p_folded text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
  IF p_folded COLLATE "C" ~ '^[a-z]+$' THEN -- mostly it is one word
    RETURN ARRAY[p_folded];
  END IF;
  IF octet_length(p_folded) = length(p_folded) THEN
    RETURN ARRAY(SELECT m[1] FROM regexp_matches(p_folded COLLATE "C", '[a-z]+|[0-9]+', 'g') AS m);
  END IF;
  RETURN ARRAY(SELECT m[1] FROM regexp_matches(p_folded COLLATE "und-x-icu", '[[:alpha:]]+|[[:digit:]]+', 'g') AS m);
END;
$$;

-- The folded words of a text.
CREATE FUNCTION search_words(p_text text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT search_split(search_fold(p_text)) $$;

-- The words that say nothing about what is sought.
CREATE FUNCTION search_fillers() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT '{quero, queria, gostaria, preciso, procuro, busco, marcar, agendar, fazer, ver, tem, voces,
    consulta, horario, com, um, uma, o, a, os, as, de, da, do, para, pra, por, favor, algum, alguma, oi, ola}'::text[]
$$;

-- The words of a search that say what is sought, without 'quero uma consulta com' before and 'por favor' behind. Only the
-- first 500 bytes count: a search is short, and its cost must not depend on who sends it.
CREATE FUNCTION search_sought(p_text text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_text  text := left(p_text, 500);
  v_words text[];
  v_first integer := 1;
  v_last  integer;
BEGIN
  IF octet_length(v_text) > 500 THEN
    SELECT left(v_text, max(n)) INTO v_text FROM generate_series(125, 500) AS n WHERE octet_length(left(v_text, n)) <= 500;
  END IF;
  v_words := search_words(v_text);
  v_last := cardinality(v_words);
  WHILE v_first <= v_last AND v_words[v_first] = ANY (search_fillers()) LOOP
    v_first := v_first + 1;
  END LOOP;
  WHILE v_first <= v_last AND v_words[v_last] = ANY (search_fillers()) LOOP
    v_last := v_last - 1;
  END LOOP;
  RETURN v_words[v_first:v_last];
END;
$$;

-- How many edits a word of so many letters may be off.
CREATE FUNCTION search_typos(p_letters integer) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT CASE WHEN p_letters < 4 THEN 0 WHEN p_letters < 8 THEN 1 ELSE 2 END $$;

-- How many edits lead from one word to the other, p_limit + 1 when more than p_limit. An edit is a letter added, left out,
-- replaced, or swapped with its neighbour. For words of a to z and digits.
CREATE FUNCTION search_distance(p_a text, p_b text, p_limit integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_a      text[];
  v_b      text[];
  v_n      integer := length(p_a);
  v_m      integer := length(p_b);
  v_start  integer := 0;  -- how many letters both begin with
  v_before integer[];     -- the row before the last one, for swapped neighbours
  v_last   integer[];
  v_row    integer[];
  v_cell   integer;
  v_best   integer;
BEGIN
  -- levenshtein() counts a swap as two edits. It is quick, tells most words apart, and takes up to 255 letters.
  IF v_n <= 255 AND v_m <= 255 THEN
    v_best := levenshtein_less_equal(p_a, p_b, 2 * p_limit);
    IF v_best > 2 * p_limit THEN
      RETURN p_limit + 1;
    END IF;
    IF v_best < 2 THEN
      RETURN least(v_best, p_limit + 1);
    END IF;
  END IF;
  v_a := string_to_array(p_a, NULL);
  v_b := string_to_array(p_b, NULL);
  WHILE v_start < v_n AND v_start < v_m AND v_a[v_start + 1] = v_b[v_start + 1] LOOP
    v_start := v_start + 1;
  END LOOP;
  WHILE v_n > v_start AND v_m > v_start AND v_a[v_n] = v_b[v_m] LOOP
    v_n := v_n - 1;
    v_m := v_m - 1;
  END LOOP;
  v_a := v_a[v_start + 1 : v_n];
  v_b := v_b[v_start + 1 : v_m];
  v_n := v_n - v_start;
  v_m := v_m - v_start;
  IF abs(v_n - v_m) > p_limit OR greatest(v_n, v_m) > 48 THEN
    RETURN p_limit + 1;
  END IF;
  IF v_n = 0 OR v_m = 0 THEN
    RETURN v_n + v_m;
  END IF;
  -- A row of the table of distances begins with its number, so cell j is at j + 1.
  v_last := ARRAY(SELECT generate_series(0, v_m));
  FOR i IN 1 .. v_n LOOP
    v_row := ARRAY[i];
    v_best := i;
    FOR j IN 1 .. v_m LOOP
      v_cell := least(v_last[j] + (v_a[i] <> v_b[j])::integer, v_last[j + 1] + 1, v_row[j] + 1);
      IF i > 1 AND j > 1 AND v_a[i] = v_b[j - 1] AND v_a[i - 1] = v_b[j] THEN
        v_cell := least(v_cell, v_before[j - 1] + 1);
      END IF;
      v_row[j + 1] := v_cell;
      v_best := least(v_best, v_cell);
    END LOOP;
    IF v_best > p_limit THEN
      RETURN p_limit + 1;
    END IF;
    v_before := v_last;
    v_last := v_row;
  END LOOP;
  RETURN least(v_last[v_m + 1], p_limit + 1);
END;
$$;

-- Whether one word may be the other with a typo. The first letter must agree, so that 'urologia' is not 'neurologia', and so
-- must a closing a or o: 'paulo' is not 'paula'.
CREATE FUNCTION search_similar(p_a text, p_b text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_limit integer := search_typos(least(length(p_a), length(p_b)));
BEGIN
  IF p_a = p_b THEN
    RETURN true;
  END IF;
  IF v_limit = 0 OR left(p_a, 1) <> left(p_b, 1) OR abs(length(p_a) - length(p_b)) > v_limit
     OR octet_length(p_a) <> length(p_a) OR octet_length(p_b) <> length(p_b)
     OR left(p_a, -1) = left(p_b, -1) AND right(p_a, 1) IN ('a', 'o') AND right(p_b, 1) IN ('a', 'o') THEN
    RETURN false;
  END IF;
  RETURN search_distance(p_a, p_b, v_limit) <= v_limit;
END;
$$;

-- 2. Specialities ----------------------------------------------------------------------------------------------------------

-- What is known of the names of specialities, in the order of the service's own list. kind says how name is read:
--   stem    the stem of regular names: 'cardiolog', its own key
--   word    a name that follows no rule: 'dentista' is 'odontolog'
--   phrase  a name of several words, each with its alternatives: 'clinico|clinica geral|gerais'
--   ending  what varies in a name, and what of it the stem keeps: 'logista' is 'log'
--   form    how a stem that ends in name is completed: 'log' by 'ista|ia|o|a'; the name '' is any other
CREATE FUNCTION specialty_vocabulary() RETURNS TABLE (kind text, name text, key text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 150
AS $$
  SELECT 'stem', stem, stem FROM unnest('{
    cardiolog, dermatolog, neurolog, urolog, nefrolog, ginecolog, oftalmolog, otorrinolaringolog, endocrinolog,
    gastroenterolog, reumatolog, pneumolog, hematolog, hepatolog, oncolog, mastolog, proctolog, infectolog, angiolog,
    alergolog, imunolog, psicolog, nutrolog, fonoaudiolog, odontolog, podolog, radiolog, anestesiolog, neonatolog,
    tricolog, traumatolog, toxicolog, flebolog, neuropsicolog, psiquiatr, pediatr, neuropediatr, geriatr, fisiatr,
    odontopediatr, obstetr, ortoped, fisioterap, psicoterap, massoterap, ortodont, endodont, implantodont, periodont,
    acupuntur, homeopat}'::text[]) AS stem
   UNION ALL
  SELECT 'word', name, key FROM (VALUES
    ('cardio', 'cardiolog'), ('dermato', 'dermatolog'), ('derma', 'dermatolog'), ('dermatol', 'dermatolog'),
    ('neuro', 'neurolog'), ('uro', 'urolog'), ('nefro', 'nefrolog'), ('gineco', 'ginecolog'), ('ginico', 'ginecolog'),
    ('oftalmo', 'oftalmolog'), ('oftamo', 'oftalmolog'), ('oculista', 'oftalmolog'),
    ('otorrino', 'otorrinolaringolog'), ('otorino', 'otorrinolaringolog'), ('otorrinos', 'otorrinolaringolog'),
    ('endocrino', 'endocrinolog'), ('endocrinos', 'endocrinolog'), ('gastro', 'gastroenterolog'),
    ('gastrologista', 'gastroenterolog'), ('gastrologia', 'gastroenterolog'), ('reumato', 'reumatolog'),
    ('pneumo', 'pneumolog'), ('hemato', 'hematolog'), ('onco', 'oncolog'), ('cancerologista', 'oncolog'),
    ('cancerologia', 'oncolog'), ('masto', 'mastolog'), ('procto', 'proctolog'), ('coloproctologista', 'proctolog'),
    ('coloproctologia', 'proctolog'), ('infecto', 'infectolog'), ('angio', 'angiolog'), ('vascular', 'vascular'),
    ('alergista', 'alergolog'), ('psico', 'psicolog'), ('nutri', 'nutricao'), ('nutricionista', 'nutricao'),
    ('nutricionistas', 'nutricao'), ('nutricao', 'nutricao'), ('fono', 'fonoaudiolog'), ('odonto', 'odontolog'),
    ('dentista', 'odontolog'), ('dentistas', 'odontolog'), ('orto', 'ortoped'), ('fisio', 'fisioterap'),
    ('anestesista', 'anestesiolog'), ('clinico', 'clinico geral'), ('generalista', 'clinico geral'),
    ('esteticista', 'estetica'), ('quiropraxista', 'quiropraxia'), ('quiropraxia', 'quiropraxia'),
    ('quiropata', 'quiropraxia')) AS v (name, key)
   UNION ALL
  SELECT 'phrase', name, key FROM (VALUES
    ('clinico|clinica|clinicos geral|gerais', 'clinico geral'), ('clinica medica', 'clinico geral')) AS v (name, key)
   UNION ALL
  SELECT 'phrase', 'medico|medica|medicina|doutor|doutora ' || name, key FROM (VALUES
    ('geral|clinico|generalista', 'clinico geral'), ('geral|clinico|generalista geral', 'clinico geral'),
    ('esportiva|esportivo', 'medicina do esporte')) AS v (name, key)
   UNION ALL
  SELECT 'phrase', 'medico|medica|medicina|doutor|doutora de|do|da|dos|das ' || name, key FROM (VALUES
    ('coracao', 'cardiolog'), ('pele', 'dermatolog'), ('crianca|criancas|bebe', 'pediatr'),
    ('olho|olhos|vista', 'oftalmolog'), ('ouvido|garganta', 'otorrinolaringolog'),
    ('osso|ossos|coluna|joelho', 'ortoped'), ('mulher|mulheres', 'ginecolog'), ('idoso|idosos', 'geriatr'),
    ('familia', 'medicina da familia'), ('trabalho', 'medicina do trabalho'), ('esporte', 'medicina do esporte')) AS v (name, key)
   UNION ALL
  SELECT 'phrase', 'cirurgiao|cirurgia|cirurgioes ' || name, key FROM (VALUES
    ('plastico|plastica', 'cirurgia plastica'), ('geral', 'cirurgia geral'), ('vascular', 'vascular'),
    ('dentista', 'odontolog')) AS v (name, key)
   UNION ALL
  SELECT 'phrase', 'terapeuta|terapia ocupacional', 'terapia ocupacional'
   UNION ALL
  SELECT 'ending', name, key FROM (VALUES
    ('logista', 'log'), ('logia', 'log'), ('loga', 'log'), ('logo', 'log'), ('iatria', 'iatr'), ('iatra', 'iatr'),
    ('pedista', 'ped'), ('pedia', 'ped'), ('terapeuta', 'terap'), ('terapia', 'terap'), ('dontista', 'dont'),
    ('dontia', 'dont'), ('stetricia', 'stetr'), ('stetra', 'stetr'), ('opata', 'opat'), ('opatia', 'opat'),
    ('punturista', 'puntur'), ('puntura', 'puntur')) AS v (name, key)
   UNION ALL
  SELECT 'form', name, key FROM (VALUES
    ('log', 'ista|ia|o|a'), ('iatr', 'a|ia'), ('stetr', 'a|icia'), ('terap', 'euta|ia'), ('opat', 'a|ia'),
    ('puntur', 'a|ista'), ('', 'ista|ia')) AS v (name, key)
$$;

-- The vocabulary ready to be looked up, in one object:
--   the key of every name, alternatives written out: "medico do coracao": "cardiolog"
--   regular names by their first letter, with blanks between: "^c": "cardiologista cardiologia"
--   what a stem keeps of an ending: "-logista": "log"
CREATE FUNCTION specialty_lexicon() RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  WITH vocabulary AS MATERIALIZED (
    SELECT * FROM specialty_vocabulary() WITH ORDINALITY AS v (kind, name, key, place)
  ),
  forms AS MATERIALIZED (
    SELECT s.name || e.ending AS name, s.key, s.place AS stem, e.place AS form
      FROM vocabulary AS s
     CROSS JOIN LATERAL (
           SELECT f.key FROM vocabulary AS f
            WHERE f.kind = 'form' AND right(s.name, length(f.name)) = f.name
            ORDER BY f.place LIMIT 1) AS f
     CROSS JOIN LATERAL unnest(string_to_array(f.key, '|')) WITH ORDINALITY AS e (ending, place)
     WHERE s.kind = 'stem'
  ),
  names AS (
    SELECT name, key FROM vocabulary WHERE kind IN ('stem', 'word')
     UNION ALL
    SELECT name, key FROM forms
     UNION ALL
    SELECT concat_ws(' ', first, second, third), key
      FROM vocabulary
     CROSS JOIN unnest(string_to_array(split_part(name, ' ', 1), '|')) AS first
     CROSS JOIN unnest(string_to_array(split_part(name, ' ', 2), '|')) AS second
      LEFT JOIN unnest(string_to_array(nullif(split_part(name, ' ', 3), ''), '|')) AS third ON true
     WHERE kind = 'phrase'
  )
  SELECT jsonb_object_agg(name, key)
    FROM (SELECT name, key FROM names
           UNION ALL
          SELECT '^' || left(name, 1), string_agg(name, ' ' ORDER BY stem, form) FROM forms GROUP BY 1
           UNION ALL
          SELECT '-' || name, key FROM vocabulary WHERE kind = 'ending') AS entry
$$;

-- An entry of the lexicon. It is the only place that names the lexicon, which is worked out once in a session for each
-- place that does, as any constant is.
CREATE FUNCTION specialty_lookup(p_name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
  RETURN specialty_lexicon() ->> p_name;
END;
$$;

-- The speciality that a word is probably meant to name: the nearest regular name, the first of equally near ones.
CREATE FUNCTION specialty_misspelt(p_word text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_form     text;
  v_limit    integer;
  v_distance integer;
  v_best     integer := 3;
  v_found    text;
BEGIN
  IF octet_length(p_word) <> length(p_word) THEN
    RETURN NULL;
  END IF;
  FOREACH v_form IN ARRAY coalesce(string_to_array(specialty_lookup('^' || left(p_word, 1)), ' '), '{}') LOOP
    v_limit := least(v_best - 1, search_typos(least(length(v_form), length(p_word))));
    CONTINUE WHEN v_limit < 1 OR abs(length(v_form) - length(p_word)) > v_limit;
    v_distance := search_distance(p_word, v_form, v_limit);
    IF v_distance <= v_limit THEN
      v_best := v_distance;
      v_found := v_form;
    END IF;
  END LOOP;
  RETURN specialty_lookup(v_found);
END;
$$;

-- The speciality that one word names, NULL when none: 'cardiolog' for 'cardiologista', 'cardio' and 'cardilogia'.
CREATE FUNCTION specialty_key(p_word text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_singular text := regexp_replace(p_word, 's$', '');
  v_key      text := specialty_lookup(p_word);
  v_ending   text;
  v_stem     text;
BEGIN
  IF v_key IS NOT NULL THEN
    RETURN v_key;
  END IF;
  FOR i IN 1 .. length(v_singular) - 2 LOOP
    v_ending := right(v_singular, i);
    v_stem := left(v_singular, -i) || specialty_lookup('-' || v_ending);
    EXIT WHEN v_stem IS NOT NULL;
  END LOOP;
  v_key := specialty_lookup(v_stem);
  IF v_key IS NOT NULL THEN
    RETURN v_key;
  END IF;
  -- A speciality that is not listed is still recognised by its ending.
  IF octet_length(v_stem) > 7 AND v_ending IN ('logista', 'iatra', 'iatria') THEN
    RETURN coalesce(specialty_misspelt(p_word), v_stem);
  END IF;
  IF octet_length(p_word) < 7 THEN
    RETURN NULL;
  END IF;
  RETURN specialty_misspelt(p_word);
END;
$$;

-- The specialities that words name, in their order; of two phrases that fit the longer is meant.
CREATE FUNCTION specialty_keys(p_words text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_keys text[] := '{}';
  v_key  text;
  v_i    integer := 1;
  v_n    integer;
BEGIN
  WHILE v_i <= cardinality(p_words) LOOP
    v_n := least(3, cardinality(p_words) - v_i + 1);
    WHILE v_n > 1 LOOP
      v_key := specialty_lookup(array_to_string(p_words[v_i : v_i + v_n - 1], ' '));
      EXIT WHEN v_key IS NOT NULL;
      v_n := v_n - 1;
    END LOOP;
    IF v_n = 1 THEN
      v_key := specialty_key(p_words[v_i]);
    END IF;
    IF v_key IS NOT NULL THEN
      v_keys := v_keys || v_key;
    END IF;
    v_i := v_i + v_n;
  END LOOP;
  RETURN v_keys;
END;
$$;

-- 3. How well words agree: 2 exactly, 1 but for typos, 0 not at all ---------------------------------------------------------

CREATE FUNCTION search_fit(p_a text, p_b text) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
  IF p_a = p_b THEN
    RETURN 2;
  END IF;
  -- 'nefrologia' is one letter from 'neurologia', and another thing.
  IF NOT search_similar(p_a, p_b) OR specialty_key(p_a) <> specialty_key(p_b) THEN
    RETURN 0;
  END IF;
  RETURN 1;
END;
$$;

-- How well each of the words is one of those, in any order.
CREATE FUNCTION search_words_fit(p_words text[], p_those text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_word  text;
  v_other text;
  v_best  integer;
  v_worst integer := 2;
BEGIN
  IF cardinality(p_words) = 0 THEN
    RETURN 0;
  END IF;
  FOREACH v_word IN ARRAY p_words LOOP
    CONTINUE WHEN v_word = ANY (p_those);
    v_best := 0;
    FOREACH v_other IN ARRAY p_those LOOP
      v_best := greatest(v_best, search_fit(v_word, v_other));
    END LOOP;
    v_worst := least(v_worst, v_best);
    EXIT WHEN v_worst = 0;
  END LOOP;
  RETURN v_worst;
END;
$$;

-- How well the phrase stands in the text, its words one after the other.
CREATE FUNCTION search_phrase_fit(p_phrase text[], p_in text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_n     integer := cardinality(p_phrase);
  v_worst integer;
  v_best  integer := 0;
BEGIN
  IF v_n = 0 THEN
    RETURN 0;
  END IF;
  FOR i IN 0 .. cardinality(p_in) - v_n LOOP
    v_worst := 2;
    FOR j IN 1 .. v_n LOOP
      v_worst := least(v_worst, search_fit(p_in[i + j], p_phrase[j]));
      EXIT WHEN v_worst = 0;
    END LOOP;
    v_best := greatest(v_best, v_worst);
    EXIT WHEN v_best = 2;
  END LOOP;
  RETURN v_best;
END;
$$;

-- Whether the first of the words in a folded text may be one of those words. Words that fit begin with the same letter, so
-- most texts are out before they are cut into words.
CREATE FUNCTION search_may_fit(p_folded text, p_words text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
  RETURN left(p_folded, 1) COLLATE "C" !~ '[a-z0-9]'
      OR position(' ' || left(p_folded, 1) IN ' ' || array_to_string(p_words, ' ')) > 0;
END;
$$;

-- How well the best of some phrases stands in the text.
CREATE FUNCTION search_phrases_fit(p_phrases text[], p_in text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  c_between CONSTANT text := chr(1); -- so that they are folded all at once
  v_phrase text;
  v_best   integer := 0;
BEGIN
  FOREACH v_phrase IN ARRAY string_to_array(search_fold(array_to_string(p_phrases, c_between)), c_between) LOOP
    CONTINUE WHEN NOT search_may_fit(v_phrase, p_in);
    v_best := greatest(v_best, search_phrase_fit(search_split(v_phrase), p_in));
    EXIT WHEN v_best = 2;
  END LOOP;
  RETURN v_best;
END;
$$;

-- How well a speciality answers the words of a search, which name the specialities of p_asked.
CREATE FUNCTION search_specialty_fit(p_specialty text, p_sought text[], p_asked text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_words text[] := search_words(p_specialty);
  v_has   text[] := specialty_keys(v_words);
BEGIN
  IF v_has && p_asked THEN
    RETURN 2;
  END IF;
  IF cardinality(v_has) > 0 AND cardinality(p_asked) > 0 THEN
    RETURN 0;
  END IF;
  -- At least one of them is not in the vocabulary, so the words are compared.
  RETURN greatest(search_words_fit(p_sought, v_words), search_phrase_fit(v_words, p_sought));
END;
$$;

-- How well a service answers the words of a search, and the score of that: by its name, by the beginning of the name ('limpeza'
-- asks for 'Limpeza de pele', 'pele' does not), or by a keyword.
CREATE FUNCTION search_service_fit(p_name text, p_keywords text[], p_sought text[], OUT fit integer, OUT score numeric)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  v_folded text := search_fold(p_name);
  v_name   text[];
BEGIN
  fit := 0;
  IF search_may_fit(v_folded, p_sought) THEN
    v_name := search_split(v_folded);
    score := 1;
    fit := search_phrase_fit(v_name, p_sought);
    IF fit = 0 THEN
      score := 0.9;
      fit := least(search_words_fit(v_name[1:1], p_sought), search_words_fit(p_sought, v_name));
    END IF;
  END IF;
  IF fit = 0 THEN
    score := 0.8;
    fit := search_phrases_fit(p_keywords, p_sought);
  END IF;
  IF fit = 1 THEN
    score := score * 0.8;
  END IF;
END;
$$;

-- 4. The functions for integrations ----------------------------------------------------------------------------------------
--
-- They answer with active rows of an active clinic only, and with nothing for an unknown clinic, NULL, or a text without a
-- word. They run with the rights of the caller, who needs SELECT on the three tables and sees every clinic: which clinic may
-- be asked for is the integration's business.

-- The professionals of a speciality, in any form of its name, or else those who have a keyword for what is sought. Best match
-- first, then display order, then name. score is 0 to 1; reason is 'specialty' or 'keyword'. What agrees but for typos is
-- found only when nothing agrees exactly.
CREATE FUNCTION find_professional_by_specialty(p_tenant_id uuid, p_search_text text)
RETURNS TABLE (
  professional_id               uuid,
  professional_name             text,
  professional_slug             text,
  specialty                     text,
  google_calendar_id            text,
  consultation_duration_default integer,
  score                         real,
  reason                        text
)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, public, pg_temp
AS $$
  WITH search AS MATERIALIZED (
    SELECT words, specialty_keys(words) AS specialties FROM search_sought(p_search_text) AS words
  ),
  offered AS MATERIALIZED (
    SELECT p.professional_id, p.professional_name, p.professional_slug, p.specialty, p.specialty_keywords,
           p.google_calendar_id, p.consultation_duration_default, p.display_order
      FROM tenant_config AS c
      JOIN clinic_professionals AS p ON p.tenant_id = c.tenant_id
     WHERE c.tenant_id = p_tenant_id AND c.is_active AND p.is_active
  ),
  by_specialty AS MATERIALIZED (
    SELECT p.professional_id, search_specialty_fit(p.specialty, s.words, s.specialties) AS fit
      FROM offered AS p CROSS JOIN search AS s
  ),
  by_keyword AS MATERIALIZED (
    SELECT p.professional_id, search_phrases_fit(p.specialty_keywords, s.words) AS fit
      FROM offered AS p CROSS JOIN search AS s
     WHERE NOT EXISTS (SELECT FROM by_specialty WHERE fit > 0)
  ),
  found AS MATERIALIZED (
    SELECT m.professional_id, m.fit, m.best * CASE m.fit WHEN 2 THEN 1 ELSE 0.8 END AS score, m.reason
      FROM (SELECT professional_id, fit, 1.0 AS best, 'specialty' AS reason FROM by_specialty
             UNION ALL
            SELECT professional_id, fit, 0.7, 'keyword' FROM by_keyword) AS m
     WHERE m.fit > 0
  )
  SELECT p.professional_id, p.professional_name, p.professional_slug, p.specialty, p.google_calendar_id,
         p.consultation_duration_default, f.score::real, f.reason
    FROM found AS f
    JOIN offered AS p ON p.professional_id = f.professional_id
   WHERE f.fit = (SELECT max(fit) FROM found)
   ORDER BY f.score DESC, p.display_order, search_fold(p.professional_name) COLLATE "C", p.professional_id
$$;

-- Who offers a service, one row for each service that is found: by its name, by the beginning of the name, or by a keyword.
-- Best match first, then the service's name, then the professional's display order and name. score is 0 to 1; reason is
-- 'service'. What agrees but for typos is found only when nothing agrees exactly.
CREATE FUNCTION find_professional_by_service(p_tenant_id uuid, p_search_text text)
RETURNS TABLE (
  professional_id               uuid,
  professional_name             text,
  professional_slug             text,
  specialty                     text,
  google_calendar_id            text,
  consultation_duration_default integer,
  score                         real,
  reason                        text,
  service_id                    uuid,
  service_name                  text,
  price_cents                   bigint,
  duration_minutes              integer
)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, public, pg_temp
AS $$
  WITH search AS MATERIALIZED (
    SELECT search_sought(p_search_text) AS words
  ),
  found AS MATERIALIZED (
    SELECT p.professional_id, p.professional_name, p.professional_slug, p.specialty, p.google_calendar_id,
           p.consultation_duration_default, p.display_order, m.fit, m.score,
           s.service_id, s.service_name, s.price_cents, s.duration_minutes
      FROM tenant_config AS c
      JOIN clinic_professionals AS p ON p.tenant_id = c.tenant_id
      JOIN professional_services AS s ON s.professional_id = p.professional_id AND s.tenant_id = c.tenant_id
     CROSS JOIN search AS q
     CROSS JOIN LATERAL search_service_fit(s.service_name, s.service_keywords, q.words) AS m
     WHERE c.tenant_id = p_tenant_id AND c.is_active AND p.is_active AND s.is_active AND m.fit > 0
  )
  SELECT f.professional_id, f.professional_name, f.professional_slug, f.specialty, f.google_calendar_id,
         f.consultation_duration_default, f.score::real, 'service', f.service_id, f.service_name, f.price_cents,
         f.duration_minutes
    FROM found AS f
   WHERE f.fit = (SELECT max(fit) FROM found)
   ORDER BY f.score DESC, search_fold(f.service_name) COLLATE "C", f.display_order,
            search_fold(f.professional_name) COLLATE "C", f.professional_id, f.service_id
$$;

-- The professionals of a clinic in display order, each with what he or she offers, by name: an array of objects with
-- service_id, service_name, service_slug, service_description, service_keywords, price_cents and duration_minutes.
CREATE FUNCTION get_tenant_professionals(p_tenant_id uuid)
RETURNS TABLE (
  professional_id               uuid,
  professional_name             text,
  professional_slug             text,
  specialty                     text,
  specialty_keywords            text[],
  google_calendar_id            text,
  google_calendar_label         text,
  consultation_duration_default integer,
  display_order                 integer,
  services                      jsonb
)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT p.professional_id, p.professional_name, p.professional_slug, p.specialty, p.specialty_keywords,
         p.google_calendar_id, p.google_calendar_label, p.consultation_duration_default, p.display_order,
         coalesce((
           SELECT jsonb_agg(jsonb_build_object(
                    'service_id', s.service_id, 'service_name', s.service_name, 'service_slug', s.service_slug,
                    'service_description', s.service_description, 'service_keywords', s.service_keywords,
                    'price_cents', s.price_cents, 'duration_minutes', s.duration_minutes)
                  ORDER BY search_fold(s.service_name) COLLATE "C", s.service_id)
             FROM professional_services AS s
            WHERE s.professional_id = p.professional_id AND s.tenant_id = c.tenant_id AND s.is_active), '[]')
    FROM tenant_config AS c
    JOIN clinic_professionals AS p ON p.tenant_id = c.tenant_id
   WHERE c.tenant_id = p_tenant_id AND c.is_active AND p.is_active
   ORDER BY p.display_order, search_fold(p.professional_name) COLLATE "C", p.professional_id
$$;

-- A clinic with its professionals: one row, whose professionals are an array of what get_tenant_professionals answers. The
-- token of the clinic's webhooks is nobody's business and is left out.
CREATE FUNCTION get_tenant_with_professionals(p_tenant_id uuid)
RETURNS TABLE (
  tenant_id                  uuid,
  tenant_name                text,
  evolution_instance_name    text,
  google_oauth_credential_id text,
  system_prompt              text,
  timezone                   text,
  professionals              jsonb
)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT c.tenant_id, c.tenant_name, c.evolution_instance_name, c.google_oauth_credential_id, c.system_prompt, c.timezone,
         coalesce((SELECT jsonb_agg(to_jsonb(p) ORDER BY p.display_order, search_fold(p.professional_name) COLLATE "C", p.professional_id)
                     FROM get_tenant_professionals(c.tenant_id) AS p), '[]')
    FROM tenant_config AS c
   WHERE c.tenant_id = p_tenant_id AND c.is_active
$$;
