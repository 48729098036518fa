-- Where do people speak of help, with what stands around it?
SELECT document, before_it, it, after_it, paraphrased
FROM concordance('help', width := 30)
ORDER BY document;
