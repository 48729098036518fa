-- The scores of one wave, scale by scale. A view, since the sums cost less than a join would to keep them.
-- Grain: a person in the wave.
CREATE VIEW panel.{{ wave | ident }} AS
{% include "score/_scores_of.sql" %}
;
