SELECT * FROM ({% for q in queries %}{{ "UNION ALL BY NAME" if not loop.first }}
{{ q }}
{% endfor %})
