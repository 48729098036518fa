-- Which variables of the model are spoken of in which case?
SELECT kind, element,
       string_agg(case_name, '; ' ORDER BY case_name) FILTER (status = 'mentioned') AS mentioned,
       string_agg(case_name, '; ' ORDER BY case_name) FILTER (status = 'mentioned differently') AS differently,
       string_agg(case_name, '; ' ORDER BY case_name) FILTER (status = 'not mentioned') AS not_mentioned,
       string_agg(case_name, '; ' ORDER BY case_name) FILTER (status = 'not asked') AS not_asked
FROM case_element
GROUP BY kind, element
ORDER BY kind, element;
